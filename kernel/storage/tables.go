package storage

import (
	"sync"

	"steward/kernel/process"
	"steward/kernel/record"
)

// Directory is one thin row per record of any process. It resolves refs and ends of links, and
// gives every side table its scope by one join.
type Directory struct {
	ID         record.ID      `field:"hidden"`
	Process    record.Text    `field:""`
	Num        record.Count   `field:""`
	Title      record.Text    `field:""`
	State      record.Choice  `field:""`
	Phase      record.Choice  `field:""`
	Customer   record.ID      `field:"hidden"`
	Team       record.ID      `field:"hidden"`
	Assignee   record.ID      `field:"hidden"`
	Owner      record.ID      `field:"hidden"`
	Reporter   record.ID      `field:"hidden"`
	CreatedBy  record.ID      `field:"hidden"`
	Restricted record.Bool    `field:""`
	DueAt      record.Instant `field:""`
	UpdatedAt  record.Instant `field:""`
}

// Event is one change of one record. Body is the canonical JSON whose very bytes are hashed.
type Event struct {
	Seq        record.Count   `field:""`
	Record     record.ID      `field:"hidden"`
	Process    record.Text    `field:""`
	N          record.Count   `field:""`
	Revision   record.Count   `field:""`
	At         record.Instant `field:""` // the database's clock
	OccurredAt record.Instant `field:""` // what the source says; the same for ordinary doors
	Actor      record.ID      `field:"hidden"`
	ForActor   record.ID      `field:"hidden"`
	Door       record.Text    `field:""`
	Command    record.Text    `field:""`
	Cause      record.Count   `field:""`
	Reason     record.Prose   `field:""`
	Internal   record.Bool    `field:""` // not for customers
	Body       record.Prose   `field:""`
}

// Leaf is the place of an event in the Merkle log: dense, the one order of the product.
type Leaf struct {
	No   record.Count `field:""`
	Seq  record.Count `field:""`
	Hash record.Text  `field:""` // SHA-256, base64
	Body record.Text  `field:""` // SHA-256 of the event's body, hex; set by whatever takes the body away, blank before
}

// TreeHash is a stored hash of the tree, by tlog's index.
type TreeHash struct {
	Idx  record.Count `field:""`
	Hash record.Text  `field:""`
}

// Checkpoint is a signed statement of size and root.
type Checkpoint struct {
	Size record.Count   `field:""`
	At   record.Instant `field:""`
	Note record.Prose   `field:""`
}

// Link joins two records from an instant to another.
type Link struct {
	ID        record.ID      `field:""`
	Kind      record.Text    `field:""`
	A         record.ID      `field:"hidden"`
	B         record.ID      `field:"hidden"`
	AProcess  record.Text    `field:""`
	BProcess  record.Text    `field:""`
	ValidFrom record.Instant `field:""`
	ValidTo   record.Instant `field:""` // Open while it holds
	Note      record.Text    `field:""`
}

// Open is the end of what has not ended: an instant, not null, so that uniqueness holds on both
// engines (9999-12-31).
const Open record.Instant = 253402214400_000000

// Comment is what somebody wrote on a record.
type Comment struct {
	ID        record.ID      `field:""`
	Record    record.ID      `field:"hidden"`
	Author    record.ID      `field:"hidden"`
	Internal  record.Bool    `field:""`
	Body      record.Prose   `field:""`
	At        record.Instant `field:""`
	EditedAt  record.Instant `field:""`
	Withdrawn record.Bool    `field:""`
}

// Attachment is a file by content hash.
type Attachment struct {
	ID       record.ID      `field:""`
	Record   record.ID      `field:"hidden"`
	Author   record.ID      `field:"hidden"`
	Internal record.Bool    `field:""`
	Name     record.Text    `field:""`
	Type     record.Text    `field:""` // sniffed, never believed
	Size     record.Count   `field:""`
	SHA256   record.Text    `field:""`
	At       record.Instant `field:""`
	Removed  record.Bool    `field:""`
}

// Timer is the only way that time causes anything.
type Timer struct {
	Subject record.ID      `field:"hidden"`
	Process record.Text    `field:""`
	Key     record.Text    `field:""`
	At      record.Instant `field:""`
}

// Grant lets a principal see a record that the scope would hide.
type Grant struct {
	Record    record.ID      `field:"hidden"`
	Principal record.ID      `field:"hidden"`
	Why       record.Text    `field:""`
	Until     record.Instant `field:""`
}

// Clock is a service level clock: what runs, towards which promise, pinned to which versions.
type Clock struct {
	ID               record.ID      `field:""`
	Record           record.ID      `field:"hidden"`
	Process          record.Text    `field:""`
	Kind             record.Text    `field:""`
	Key              record.Text    `field:""` // what decided the promise
	TargetS          record.Count   `field:""` // working seconds
	Line             record.ID      `field:"hidden"`
	Agreement        record.ID      `field:"hidden"`
	AgreementVersion record.ID      `field:"hidden"`
	Calendar         record.ID      `field:"hidden"`
	CalendarVersion  record.ID      `field:"hidden"`
	State            record.Choice  `field:""` // running, paused, met, breached, dropped
	StartedAt        record.Instant `field:""`
	Spans            record.Prose   `field:""` // when it ran
	DueAt            record.Instant `field:""`
	WarnAt           record.Instant `field:""`
	WarnedAt         record.Instant `field:""`
	EndedAt          record.Instant `field:""`
	BreachedAt       record.Instant `field:""`
	EscalatedAt      record.Instant `field:""`
}

// Notice is a line in somebody's inbox.
type Notice struct {
	ID        record.ID      `field:""`
	Recipient record.ID      `field:"hidden"`
	Record    record.ID      `field:"hidden"`
	Process   record.Text    `field:""`
	Topic     record.Text    `field:""`
	Text      record.Text    `field:""`
	Dedupe    record.Text    `field:""`
	At        record.Instant `field:""`
	ReadAt    record.Instant `field:""`
}

// Watcher wants to hear of a record.
type Watcher struct {
	Record    record.ID      `field:"hidden"`
	Principal record.ID      `field:"hidden"`
	At        record.Instant `field:""`
}

// Token is a bearer token; only its hash is kept.
type Token struct {
	ID        record.ID      `field:""`
	Hash      record.Text    `field:""`
	User      record.ID      `field:"hidden"`
	Name      record.Text    `field:""`
	Scopes    record.Text    `field:""` // "PROCESS:VERB ..."; blank: all of the user's
	CreatedAt record.Instant `field:""`
	ExpiresAt record.Instant `field:""`
	RevokedAt record.Instant `field:""`
	UsedAt    record.Instant `field:""`
}

// Credential is a user's password hash.
type Credential struct {
	User      record.ID      `field:"hidden"`
	Hash      record.Text    `field:""`
	ChangedAt record.Instant `field:""`
}

// Session is a person signed in with a browser; only the hash of its token is kept.
type Session struct {
	ID        record.ID      `field:""`
	Hash      record.Text    `field:""`
	User      record.ID      `field:"hidden"`
	Agent     record.Text    `field:""` // what the browser says of itself
	Origin    record.Text    `field:""` // address it came from at sign-in
	CreatedAt record.Instant `field:""`
	SeenAt    record.Instant `field:""` // to the minute
	ExpiresAt record.Instant `field:""` // whatever is done with it
	EndedAt   record.Instant `field:""`
}

// OneTime is an address that lets its bearer choose a password, once; only its hash is kept.
type OneTime struct {
	Hash      record.Text    `field:""`
	User      record.ID      `field:"hidden"`
	Kind      record.Choice  `field:""` // invitation or reset
	MadeBy    record.ID      `field:"hidden"`
	CreatedAt record.Instant `field:""`
	ExpiresAt record.Instant `field:""`
	UsedAt    record.Instant `field:""`
}

// Draft is what somebody has typed and not sent: one per person and place.
type Draft struct {
	User      record.ID      `field:"hidden"`
	Place     record.Text    `field:""` // such as incident/INC-42/comment
	Body      record.Prose   `field:""` // JSON: name of the input -> what stands in it
	UpdatedAt record.Instant `field:""`
}

// Preference is how one person likes to see things.
type Preference struct {
	User  record.ID    `field:"hidden"`
	Name  record.Text  `field:""` // such as density, or columns:incident
	Value record.Prose `field:""`
}

// Idempotency remembers what a command with a key was answered, for 24 hours.
type Idempotency struct {
	Principal record.ID      `field:"hidden"`
	Key       record.Text    `field:""`
	Request   record.Text    `field:""` // hash
	Status    record.Count   `field:""`
	Location  record.Text    `field:""`
	ETag      record.Text    `field:""`
	Body      record.Prose   `field:""`
	At        record.Instant `field:""`
}

// ImportRow remembers which row of which source was taken, so that a second run adds nothing.
type ImportRow struct {
	Source record.Text `field:""`
	Key    record.Text `field:""`
	Digest record.Text `field:""`
	Record record.ID   `field:"hidden"`
}

// Round is one stage of an asking for approval at a gate. Asking again makes rounds of its own.
type Round struct {
	ID           record.ID      `field:""`
	Record       record.ID      `field:"hidden"`
	Process      record.Text    `field:""`
	Gate         record.Text    `field:""`
	Request      record.ID      `field:"hidden"` // the first round of the same asking: itself at stage 1
	Policy       record.ID      `field:"hidden"` // version of the approval policy
	Stage        record.Count   `field:""`       // from 1
	Stages       record.Count   `field:""`       // how many the policy has
	Quorum       record.Text    `field:""`       // all, any, majority or a number
	Delegable    record.Bool    `field:""`
	RequesterToo record.Bool    `field:""` // who asks may be one of those who agree
	Subject      record.Text    `field:""` // hash of the fields that the gate covers
	OpenedBy     record.ID      `field:"hidden"`
	OpenedAt     record.Instant `field:""`
	DueAt        record.Instant `field:""`
	DueS         record.Count   `field:""` // seconds that the stage takes at most
	OnLate       record.Choice  `field:""` // escalate or lapse
	LateAt       record.Instant `field:""` // when it was escalated
	ClosedAt     record.Instant `field:""`
	Outcome      record.Choice  `field:""` // open, granted, refused, void, lapsed, cancelled
	Why          record.Text    `field:""` // it became so, in words
}

// Vote is one voter's place in a round: asked, and answered once.
type Vote struct {
	ID         record.ID      `field:""`
	Round      record.ID      `field:"hidden"`
	Record     record.ID      `field:"hidden"`
	Voter      record.ID      `field:"hidden"` // who was asked
	Instead    record.ID      `field:"hidden"` // of whom the voter was asked, as their delegate: who is disabled, or asks
	By         record.ID      `field:"hidden"` // who answered: the voter or a delegate
	Delegation record.ID      `field:"hidden"` // by which a delegate answered, or was asked
	Vote       record.Choice  `field:""`       // asked, yes, no, cancelled
	Reason     record.Prose   `field:""`
	Door       record.Text    `field:""`
	At         record.Instant `field:""`
}

// VaultKey is the wrapped data key of one subject; destroying it erases what it sealed.
type VaultKey struct {
	Subject   record.ID      `field:"hidden"`
	Wrapped   record.Text    `field:""`
	CreatedAt record.Instant `field:""`
	ErasedAt  record.Instant `field:""`
}

// Verdict is a stretch of time in which one member of a population did not meet a requirement; what
// conforms is not kept. A stretch that lies ahead says what will be if nothing happens.
type Verdict struct {
	ID           record.ID      `field:""`
	Requirement  record.Text    `field:""`
	Process      record.Text    `field:""`
	Member       record.ID      `field:"hidden"` // zero: something that ought to exist and does not
	Ref          record.Text    `field:""`
	FromAt       record.Instant `field:""`
	UntilAt      record.Instant `field:""` // Open while nothing ends it
	State        record.Choice  `field:""`
	Reason       record.Prose   `field:""`
	CheckVersion record.Count   `field:""`
}

// Look is one look of somebody at something. It changes nothing, so it is no event, and it is kept
// for as long as the organisation says.
type Look struct {
	ID        record.ID      `field:""` // in the order of time
	At        record.Instant `field:""`
	Principal record.ID      `field:"hidden"`
	Door      record.Text    `field:""`       // api, web
	What      record.Text    `field:""`       // record, list, export, file, history, search ...
	Process   record.Text    `field:""`       // whose records; "" for what belongs to none
	Record    record.ID      `field:"hidden"` // the one that was shown; zero for a list, and for what was refused
	Asked     record.Prose   `field:""`       // path and query, as they were asked
	Origin    record.Text    `field:""`       // the address it came from
	Status    record.Count   `field:""`       // of the answer; 0: a stream, whose end nobody knows
}

// ConformityResult is the state of one requirement at the end of a day, kept as it was worked out
// then. The hash of a day's rows is an event of that day's conformity run.
type ConformityResult struct {
	Day          record.Date    `field:""`
	Requirement  record.Text    `field:""`
	State        record.Choice  `field:""`
	Since        record.Date    `field:""` // day since which the state has been kept without a break
	Population   record.Count   `field:""`
	Failing      record.Count   `field:""`
	Oldest       record.Instant `field:""` // evidence
	Newest       record.Instant `field:""`
	Reason       record.Prose   `field:""`
	CheckVersion record.Count   `field:""`
	Leaf         record.Count   `field:""` // leaves of the log when it was worked out: later ones are later events
}

func side[T any](name string, key []string, opts ...func(*Table)) *Table {
	sh := record.ShapeOf[T](name)
	t := &Table{Name: name, Key: key}
	for i := range sh.Columns {
		t.Cols = append(t.Cols, Col{&sh.Columns[i], 0})
	}
	for _, o := range opts {
		o(t)
	}
	return t
}

func index(cols ...string) func(*Table) {
	return func(t *Table) { t.Indexes = append(t.Indexes, cols) }
}
func unique(cols ...string) func(*Table) { return func(t *Table) { t.Unique = append(t.Unique, cols) } }

// The kernel's own tables.
var (
	TDirectory = side[Directory]("record", []string{"id"}, unique("process", "num"),
		index("assignee", "phase", "due_at"), index("team", "phase", "due_at"))
	TEvent = side[Event]("event", []string{"seq"}, func(t *Table) { t.Auto, t.Clock = "seq", "at" },
		unique("record", "n"), index("at"))
	TLeaf       = side[Leaf]("leaf", []string{"no"}, unique("seq"))
	TTreeHash   = side[TreeHash]("tree_hash", []string{"idx"})
	TCheckpoint = side[Checkpoint]("checkpoint", []string{"size"})
	TLink       = side[Link]("link", []string{"id"}, unique("kind", "a", "b", "valid_to"),
		index("a", "kind", "valid_to"), index("b", "kind", "valid_to"))
	TComment     = side[Comment]("comment", []string{"id"}, index("record", "at"))
	TAttachment  = side[Attachment]("attachment", []string{"id"}, index("record", "at"), index("sha256"))
	TTimer       = side[Timer]("timer", []string{"subject", "key"}, index("at"))
	TGrant       = side[Grant]("grant_row", []string{"record", "principal", "why"}, index("principal", "record"))
	TClock       = side[Clock]("clock", []string{"id"}, unique("record", "kind"))
	TNotice      = side[Notice]("notice", []string{"id"}, unique("recipient", "dedupe"), index("recipient", "read_at", "at"), index("record"))
	TWatcher     = side[Watcher]("watcher", []string{"record", "principal"}, index("principal"))
	TToken       = side[Token]("token", []string{"id"}, unique("hash"), index("user"))
	TCredential  = side[Credential]("credential", []string{"user"})
	TSession     = side[Session]("session", []string{"id"}, unique("hash"), index("user"))
	TOneTime     = side[OneTime]("one_time", []string{"hash"}, index("user"))
	TDraft       = side[Draft]("draft", []string{"user", "place"})
	TPreference  = side[Preference]("preference", []string{"user", "name"})
	TIdempotency = side[Idempotency]("idempotency", []string{"principal", "key"}, index("at"))
	TImportRow   = side[ImportRow]("import_row", []string{"source", "key"})
	TRound       = side[Round]("approval_round", []string{"id"}, index("record", "outcome"))
	TVote        = side[Vote]("approval_vote", []string{"id"}, unique("round", "voter"), index("voter", "vote"), index("record"))
	TVaultKey    = side[VaultKey]("vault", []string{"subject"})
	TVerdict     = side[Verdict]("verdict", []string{"id"}, index("requirement", "until_at"), index("member"))
	TLook        = side[Look]("look", []string{"id"}, index("principal", "id"), index("record", "id"), index("process", "id"), index("at"))
	TConformity  = side[ConformityResult]("conformity_result", []string{"day", "requirement"}, index("requirement", "day"))
)

// Sides lists the kernel's own tables in the order in which they are made.
var Sides = []*Table{TDirectory, TEvent, TLeaf, TTreeHash, TCheckpoint, TLink, TComment, TAttachment,
	TTimer, TGrant, TClock, TNotice, TWatcher, TToken, TCredential, TIdempotency, TImportRow, TRound, TVote, TVaultKey,
	TVerdict, TConformity, TSession, TOneTime, TDraft, TPreference, TLook}

// Tables of one process: its records, its lines, its versions and their lines.
type Tables struct {
	Record  *Table
	Lines   map[*record.LineKind]*Table
	Version *Table // parts: 0 the record.Version, 1 the declared struct
}

var tablesOf sync.Map // *process.Process -> *Tables

// TablesOf is the tables of p, worked out once.
func TablesOf(p *process.Process) *Tables {
	if t, ok := tablesOf.Load(p); ok {
		return t.(*Tables)
	}
	t, _ := tablesOf.LoadOrStore(p, makeTables(p))
	return t.(*Tables)
}

func makeTables(p *process.Process) *Tables {
	out := &Tables{Lines: map[*record.LineKind]*Table{}}
	own := map[*record.Field]bool{}
	for _, f := range p.RecordFields {
		own[f] = true
	}
	name := p.Name
	if name == "user" {
		name = "user_account" // "user" is a reserved word of SQL
	}
	t := &Table{Name: name, Key: []string{"id"}, NumOf: p.Name, Process: p}
	v := &Table{Name: name + "_version", Key: []string{"id"}, Process: p,
		Unique: [][]string{{"record", "number"}}, Indexes: [][]string{{"record", "effective_from"}}}
	vs := record.ShapeOf[record.Version]("version")
	for i := range vs.Columns {
		v.Cols = append(v.Cols, Col{&vs.Columns[i], 0})
	}
	for i := range p.Shape.Columns {
		c := &p.Shape.Columns[i]
		if own[c.Field] {
			t.Cols = append(t.Cols, Col{c, 0})
			if c.Field.Index && !header[c.Name] {
				t.Indexes = append(t.Indexes, []string{c.Name, "id"})
				if c.Field.Sort { // lists in this order, also for a customer with few of many records
					t.Indexes = append(t.Indexes, []string{"customer", c.Name, "id"})
				}
			}
		} else {
			v.Cols = append(v.Cols, Col{c, 1})
		}
	}
	t.Unique = append(t.Unique, []string{"num"}, []string{"external_source", "external_id"})
	for _, f := range p.Unique {
		t.Unique = append(t.Unique, []string{f.Name})
	}
	// Lists of the past ask for what was made before an instant and touched after it: both columns
	// stand in one index, whichever of them leads.
	t.Indexes = append(t.Indexes, []string{"updated_at", "id", "created_at"}, []string{"created_at", "updated_at"}, []string{"customer", "updated_at", "id"},
		[]string{"phase", "updated_at", "id"}, []string{"state", "updated_at", "id"}, []string{"assignee", "phase", "updated_at"},
		[]string{"team", "phase", "updated_at"}, []string{"reporter", "updated_at", "id"})
	out.Record = t
	if p.Versioned {
		out.Version = v
	}
	for _, l := range append(append([]*record.LineKind{}, p.RecordLines...), p.ContentLines...) {
		lt := &Table{Name: l.Shape.Table, Key: []string{"id"}, Indexes: [][]string{{"parent", "pos"}}, Process: p}
		for i := range l.Shape.Columns {
			lt.Cols = append(lt.Cols, Col{&l.Shape.Columns[i], 0})
		}
		out.Lines[l] = lt
	}
	return out
}

var header = func() map[string]bool {
	m := map[string]bool{}
	for _, f := range record.ShapeOf[record.Header]("header").Fields {
		m[f.Name] = true
	}
	return m
}()
