package record

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// Marks are what a field tag says besides kind.
type Marks struct {
	Required bool // must be answered: a value, or a blank with a reason
	Stamp    bool // set by code only; read-only at every door
	Hidden   bool // not answered by doors
	Kernel   bool // written through a road of its own (blanks, custom)
	Index    bool // has an index of its own
	Sort     bool // an index also led by the customer
	Search   bool // part of the full text
	Unique   bool
	Identity bool // of a versioned process: belongs to the record, not to its versions
	NotNull  bool // always has a value once stored
	Personal bool // personal data: ciphertext in event bodies
	Group    string
	Ref      string   // process a KRef points at
	Choices  []string // of a KChoice
	Min, Max int64    // of KInt, inclusive; both 0 means free
	MaxLen   int      // of text, in characters
	Default  string   // JSON
	Was      string   // earlier name, so that old events can still be undone
}

// Field is one row of the table that every door walks.
type Field struct {
	Name   string // snake_case: column, JSON key, flag, filter name
	Kind   Kind
	Custom bool // defined by users; its value stands in Header.Custom
	Marks
	offset uintptr
	typ    reflect.Type
}

// Column is one SQL column; money has two.
type Column struct {
	Name    string
	Kind    Kind // decides the SQL type
	Field   *Field
	NotNull bool
	offset  uintptr
}

// Shape is the table of fields of one declared struct: a record, a line, a version or a side row.
type Shape struct {
	Table   string
	Type    reflect.Type
	Fields  []*Field
	Columns []Column
	Lines   []*LineKind
	byName  map[string]*Field
	cols    map[string]*Column
}

// LineKind is a declared kind of line: a slice field of the record.
type LineKind struct {
	Name     string
	Shape    *Shape
	Identity bool // of a versioned process: hangs on the record, not on its versions
	Max      int
	offset   uintptr
	slice    reflect.Type
}

// ShapeOf reads T once. It panics with type, field and reason on a tag it does not know, so that
// every test run finds a mistake.
func ShapeOf[T any](table string) *Shape {
	var zero T
	return shapeOf(reflect.TypeOf(zero), table)
}

func shapeOf(t reflect.Type, table string) *Shape {
	s := &Shape{Table: table, Type: t, byName: map[string]*Field{}, cols: map[string]*Column{}}
	s.walk(t, 0)
	for _, f := range s.Fields {
		if s.byName[f.Name] != nil {
			panic(fmt.Sprintf("record: %v has two fields named %s", t, f.Name))
		}
		s.byName[f.Name] = f
		name, k := f.Name, f.Kind
		switch k {
		case KMoney:
			s.Columns = append(s.Columns,
				Column{name + "_e4", KCount, f, true, f.offset + unsafe.Offsetof(Money{}.E4)},
				Column{name + "_currency", KText, f, false, f.offset + unsafe.Offsetof(Money{}.Currency)})
			continue
		case KDecimal:
			name += "_e6"
		}
		s.Columns = append(s.Columns, Column{name, k, f, k == KBool || k == KCount || name == "id" || f.NotNull, f.offset})
	}
	for i := range s.Columns {
		s.cols[s.Columns[i].Name] = &s.Columns[i]
	}
	return s
}

func (s *Shape) walk(t reflect.Type, base uintptr) {
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
			s.walk(sf.Type, base+sf.Offset)
			continue
		}
		if tag, ok := sf.Tag.Lookup("lines"); ok {
			s.Lines = append(s.Lines, lineKind(s.Table, sf, tag, base))
			continue
		}
		tag, ok := sf.Tag.Lookup("field")
		if !ok {
			continue // working memory of rules, not part of the record
		}
		k, ok := kindOf(sf.Type)
		if !ok {
			panic(fmt.Sprintf("record: %v.%s has type %v, which is no kind of field", t, sf.Name, sf.Type))
		}
		f := &Field{Name: snake(sf.Name), Kind: k, offset: base + sf.Offset, typ: sf.Type}
		f.Marks = marks(fmt.Sprintf("%v.%s", t, sf.Name), tag)
		if k == KRef && f.Ref == "" && f.Name != "id" && !f.Hidden {
			panic(fmt.Sprintf("record: %v.%s points nowhere: say ref=PROCESS", t, sf.Name))
		}
		if f.MaxLen == 0 {
			switch k {
			case KText, KURL:
				f.MaxLen = 500
			case KProse:
				f.MaxLen = 100_000
			}
		}
		s.Fields = append(s.Fields, f)
	}
}

func lineKind(table string, sf reflect.StructField, tag string, base uintptr) *LineKind {
	if sf.Type.Kind() != reflect.Slice || sf.Type.Elem().Kind() != reflect.Struct {
		panic("record: lines " + sf.Name + " must be a slice of structs")
	}
	el := sf.Type.Elem()
	if el.NumField() == 0 || el.Field(0).Type != reflect.TypeFor[Line]() {
		panic("record: a line of " + sf.Name + " must embed record.Line first")
	}
	l := &LineKind{Name: snake(sf.Name), Max: 1000, offset: base + sf.Offset, slice: sf.Type}
	for _, m := range strings.Split(tag, ",") {
		switch key, val, _ := strings.Cut(m, "="); key {
		case "":
		case "identity":
			l.Identity = true
		case "max":
			l.Max, _ = strconv.Atoi(val)
		default:
			panic("record: lines " + sf.Name + " has unknown mark " + m)
		}
	}
	l.Shape = shapeOf(el, table+"_"+l.Name)
	return l
}

func marks(where, tag string) (m Marks) {
	for _, part := range strings.Split(tag, ",") {
		key, val, _ := strings.Cut(part, "=")
		num := func() int64 {
			n, err := strconv.ParseInt(val, 10, 64)
			if err != nil {
				panic("record: " + where + ": " + part + " is not a number")
			}
			return n
		}
		switch key {
		case "":
		case "required":
			m.Required = true
		case "stamp":
			m.Stamp = true
		case "hidden":
			m.Hidden = true
		case "kernel":
			m.Kernel = true
		case "index":
			m.Index = true
		case "sort":
			m.Index, m.Sort = true, true
		case "search":
			m.Search = true
		case "notnull":
			m.NotNull = true
		case "unique":
			m.Unique = true
		case "identity":
			m.Identity = true
		case "personal":
			m.Personal = true
		case "group":
			m.Group = val
		case "ref":
			m.Ref = val
		case "choice":
			m.Choices = strings.Split(val, "|")
		case "min":
			m.Min = num()
		case "max":
			m.Max = num()
		case "len":
			m.MaxLen = int(num())
		case "default":
			m.Default = val
		case "was":
			m.Was = val
		default:
			panic("record: " + where + " has unknown mark " + part)
		}
	}
	return m
}

var kinds = map[reflect.Type]Kind{
	reflect.TypeFor[Text](): KText, reflect.TypeFor[Prose](): KProse, reflect.TypeFor[Choice](): KChoice,
	reflect.TypeFor[Date](): KDate, reflect.TypeFor[Period](): KPeriod, reflect.TypeFor[URL](): KURL,
	reflect.TypeFor[Secret](): KSecret, reflect.TypeFor[Bool](): KBool, reflect.TypeFor[Count](): KCount,
	reflect.TypeFor[Int](): KInt, reflect.TypeFor[Decimal](): KDecimal, reflect.TypeFor[Money](): KMoney,
	reflect.TypeFor[Instant](): KInstant, reflect.TypeFor[Duration](): KDuration, reflect.TypeFor[ID](): KRef,
	reflect.TypeFor[Tags](): KTags, reflect.TypeFor[JSON](): KJSON,
}

func kindOf(t reflect.Type) (Kind, bool) { k, ok := kinds[t]; return k, ok }

func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			// "ExternalID" is external_id: a run of capitals is one word
			if i > 0 && (s[i-1] < 'A' || s[i-1] > 'Z') {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cellAt is the one function with unsafe: the cell of kind k that begins at p. Every type of a
// kind has the representation named here; checkptr runs over it in the race suite.
func cellAt(k Kind, p unsafe.Pointer) Cell {
	switch k {
	case KText, KProse, KChoice, KDate, KPeriod, KURL, KSecret:
		return (*Text)(p)
	case KBool:
		return (*Bool)(p)
	case KInt:
		return (*Int)(p)
	case KCount:
		return (*Count)(p)
	case KDecimal:
		return (*Decimal)(p)
	case KMoney:
		return (*Money)(p)
	case KInstant:
		return (*Instant)(p)
	case KDuration:
		return (*Duration)(p)
	case KRef:
		return (*ID)(p)
	case KTags:
		return (*Tags)(p)
	case KJSON:
		return (*JSON)(p)
	}
	panic("record: no such kind")
}

// Base is where the fields of v, a pointer to the shape's struct, begin.
func (s *Shape) Base(v any) unsafe.Pointer {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.Type().Elem() != s.Type {
		panic(fmt.Sprintf("record: %T is not a *%v", v, s.Type))
	}
	return rv.UnsafePointer()
}

// BaseOf is where the fields of r begin; the header stands first in every declared struct.
func BaseOf(r Record) unsafe.Pointer { return unsafe.Pointer(r.Head()) }

// At is the field's cell in the struct that begins at base.
func (f *Field) At(base unsafe.Pointer) Cell { return cellAt(f.Kind, unsafe.Add(base, f.offset)) }

// Of is the field's cell in r.
func (f *Field) Of(r Record) Cell { return f.At(BaseOf(r)) }

// At is the column's cell in the struct that begins at base.
func (c *Column) At(base unsafe.Pointer) Cell { return cellAt(c.Kind, unsafe.Add(base, c.offset)) }

// Field finds a field by name; nil if there is none.
func (s *Shape) Field(name string) *Field { return s.byName[name] }

// Column finds a column by name; nil if there is none.
func (s *Shape) Column(name string) *Column { return s.cols[name] }

// Line finds a kind of line by name; nil if there is none.
func (s *Shape) Line(name string) *LineKind {
	for _, l := range s.Lines {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// New makes an empty struct of the shape.
func (s *Shape) New() any { return reflect.New(s.Type).Interface() }

// FieldAt finds the field whose cell begins at ptr, an address inside the struct at base. Address
// and type are compared, since a struct and its first field begin at the same byte.
func (s *Shape) FieldAt(base unsafe.Pointer, ptr any) *Field {
	rv := reflect.ValueOf(ptr)
	if rv.Kind() != reflect.Pointer {
		return nil
	}
	off := uintptr(rv.UnsafePointer()) - uintptr(base)
	for _, f := range s.Fields {
		if f.offset == off && f.typ == rv.Type().Elem() {
			return f
		}
	}
	return nil
}

// Len is the number of lines of this kind in the struct at base.
func (l *LineKind) Len(base unsafe.Pointer) int { return l.value(base).Len() }

// Each is the base of line i.
func (l *LineKind) Each(base unsafe.Pointer, i int) unsafe.Pointer {
	return l.value(base).Index(i).Addr().UnsafePointer()
}

// Head is the identity of the line that begins at p.
func (l *LineKind) Head(p unsafe.Pointer) *Line { return (*Line)(p) }

// Resize makes a fresh slice of n lines, copying the first ones over.
func (l *LineKind) Resize(base unsafe.Pointer, n int) {
	v := l.value(base)
	out := reflect.MakeSlice(l.slice, n, n)
	reflect.Copy(out, v)
	if n == 0 {
		out = reflect.Zero(l.slice)
	}
	v.Set(out)
}

// Remove takes line i out.
func (l *LineKind) Remove(base unsafe.Pointer, i int) {
	v := l.value(base)
	out := reflect.MakeSlice(l.slice, 0, v.Len())
	for j := range v.Len() {
		if j != i {
			out = reflect.Append(out, v.Index(j))
		}
	}
	v.Set(out)
}

func (l *LineKind) value(base unsafe.Pointer) reflect.Value {
	return reflect.NewAt(l.slice, unsafe.Add(base, l.offset)).Elem()
}

// Clone copies a struct of the shape so deep that neither side sees the other's later changes.
// Tags and JSON are immutable and shared.
func (s *Shape) Clone(v any) any {
	src := reflect.ValueOf(v).Elem()
	dst := reflect.New(s.Type)
	dst.Elem().Set(src)
	for _, l := range s.Lines {
		base := dst.UnsafePointer()
		l.Resize(base, l.Len(base))
	}
	return dst.Interface()
}

// Reorder puts the lines into the order given by their present positions.
func (l *LineKind) Reorder(base unsafe.Pointer, order []int) {
	v := l.value(base)
	out := reflect.MakeSlice(l.slice, len(order), len(order))
	for i, j := range order {
		out.Index(i).Set(v.Index(j))
	}
	v.Set(out)
}
