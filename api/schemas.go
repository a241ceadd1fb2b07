package api

func text() node    { return node{"type": "string"} }
func blank() node   { return node{"type": []string{"string", "null"}} }
func flag() node    { return node{"type": "boolean"} }
func whole() node   { return node{"type": "integer"} }
func moment() node  { return node{"type": "string", "format": "date-time"} }
func later() node   { return node{"type": []string{"string", "null"}, "format": "date-time"} }
func ident() node   { return node{"type": "string", "format": "uuid"} }
func someone() node { return node{"type": []string{"string", "null"}, "format": "uuid"} }

func obj(props node, required ...string) node {
	if required == nil {
		required = []string{}
	}
	return node{"type": "object", "properties": props, "required": required}
}

// fixedSchemas are those that are the same for every process.
func fixedSchemas() node {
	named := obj(node{"id": ident(), "ref": text(), "process": text(), "title": blank()}, "id")
	thin := obj(node{"id": ident(), "ref": text(), "process": text(), "resource": text(), "title": blank(), "state": text(), "phase": text(),
		"customer": someone(), "assignee": someone(), "team": someone(), "due_at": later(), "updated_at": moment()}, "id", "ref")
	comment := obj(node{"id": ident(), "author": someone(), "internal": flag(), "body": blank(), "at": moment(), "edited_at": later(), "withdrawn": flag()}, "id")
	link := obj(node{"id": ident(), "kind": text(), "to": ref("named"), "other": ref("named"), "outward": flag(), "valid_from": moment(), "valid_to": later(), "note": blank()}, "id", "kind")
	file := obj(node{"id": ident(), "name": text(), "type": text(), "size": whole(), "sha256": text(), "author": someone(), "internal": flag(), "at": moment()}, "id")
	event := obj(node{"seq": whole(), "n": whole(), "ref": text(), "resource": text(), "process": text(), "record": ident(), "revision": whole(), "at": moment(),
		"occurred_at": moment(), "command": text(), "actor": someone(), "actor_name": blank(), "for": someone(), "door": blank(), "reason": blank(), "internal": flag(),
		"changes": node{"type": "object", "description": "by part (set, lines, version, clock, comment, link, mark) and name: old and new"}}, "n")
	vote := obj(node{"id": ident(), "round": ident(), "voter": ident(), "by": someone(), "vote": text(), "reason": blank(), "at": later()}, "id")
	round := obj(node{"id": ident(), "gate": text(), "stage": whole(), "quorum": blank(), "delegable": flag(), "outcome": text(), "opened_by": someone(),
		"opened_at": moment(), "due_at": later(), "closed_at": later(), "policy": someone(), "subject": blank(), "votes": node{"type": "array", "items": ref("vote_cast")}}, "id")
	clock := obj(node{"id": ident(), "kind": text(), "target": node{"type": "string", "format": "duration"}, "state": node{"type": "string", "enum": []string{"running", "paused", "met", "breached"}},
		"elapsed": node{"type": []string{"string", "null"}, "format": "duration"}, "started_at": moment(), "due_at": later(), "breached_at": later(), "ended_at": later(), "warned_at": later(),
		"escalated_at": later(), "agreement": someone(), "agreement_version": someone(), "calendar": someone(), "calendar_version": someone(),
		"refs": node{"type": "object", "additionalProperties": ref("named")}}, "kind", "state")
	token := obj(node{"id": ident(), "name": blank(), "scopes": node{"type": "array", "items": text()}, "created_at": moment(), "expires_at": later(), "revoked_at": later(),
		"token": node{"type": "string", "description": "told once, when it is made"}}, "id")
	notice := obj(node{"id": ident(), "topic": text(), "text": text(), "at": moment(), "read_at": later(), "record": ref("thin")}, "id")
	head := node{}
	for _, f := range versionShape.Fields {
		if !f.Hidden {
			name := f.Name
			if name == "status" {
				name = "state"
			}
			head[name] = fieldSchema(f)
		}
	}
	command := obj(node{"method": node{"type": "string", "enum": []string{"POST", "PATCH", "DELETE"}}, "path": text(), "body": node{"type": "object"},
		"if_match": node{"type": []string{"string", "integer"}}}, "method", "path")
	return node{
		"problem": obj(node{"type": text(), "title": text(), "status": whole(), "detail": text(), "id": text(), "position": whole(), "legal": node{"type": "array", "items": text()},
			"errors":  node{"type": "array", "items": obj(node{"field": text(), "reason": text(), "mend": text()}, "field", "reason")},
			"current": node{"type": "object", "description": "of 412: the record as it now is"}, "your_revision": whole(), "results": node{"type": "array", "items": ref("batch_result")}}, "type", "title", "status"),
		"named": named, "thin": thin, "thin_list": listOf(ref("thin")),
		"comment": obj(node{"body": text(), "internal": flag(), "id": node{"type": "string", "readOnly": true}}, "body"), "comment_made": comment, "comment_list": listOf(ref("comment_made")),
		"link": link, "link_list": listOf(ref("link")),
		"file": obj(node{"file": node{"type": "string", "format": "binary"}, "internal": flag()}, "file"), "attachment": file, "attachment_list": listOf(ref("attachment")),
		"event": event, "event_list": obj(node{"items": node{"type": "array", "items": ref("event")}, "next": whole()}, "items"),
		"vote": obj(node{"vote": node{"type": "string", "enum": []string{"yes", "no"}}, "reason": text(), "for": text()}, "vote"), "vote_cast": vote,
		"round": obj(node{"gate": text()}, "gate"), "round_open": round, "round_list": listOf(ref("round_open")), "side": node{"anyOf": []node{ref("round_open"), ref("vote_cast")}},
		"clock": clock, "clock_list": listOf(ref("clock")), "token": token, "token_list": listOf(ref("token")),
		"token_new": obj(node{"name": text(), "scopes": node{"type": "array", "items": text()}, "expires_in": node{"type": "string", "format": "duration"}, "expires_at": moment()}),
		"look_list": listOf(obj(node{"id": ident(), "at": moment(), "principal": someone(), "door": text(), "what": text(), "process": blank(), "record": someone(), "asked": text(),
			"origin": blank(), "status": node{"type": []string{"integer", "null"}}}, "id", "at")),
		"notice": notice, "notice_list": listOf(ref("notice")), "version_head": node{"type": "object", "properties": head},
		"count": obj(node{"count": whole(), "exact": flag()}, "count", "exact"), "transition": node{"type": "object", "description": "fields that the step needs or takes along",
			"properties": node{"reason": text(), "comment": text(), "internal": flag()}},
		"grant": obj(node{"to": node{"type": "string", "description": "a user or a team"}}, "to"), "grant_list": listOf(obj(node{"to": ident(), "why": text(), "until": later()})),
		"watch":  obj(node{"watching": flag(), "items": node{"type": "array", "items": obj(node{"user": ident(), "at": moment()})}}, "watching"),
		"reason": obj(node{"reason": text()}), "decision": obj(node{"effective_from": node{"type": "string", "format": "date"}, "effective_to": node{"type": "string", "format": "date"}, "change_reason": text(), "reason": text()}),
		"password":      obj(node{"password": node{"type": "string", "format": "password", "writeOnly": true}}, "password"),
		"batch":         obj(node{"atomic": flag(), "commands": node{"type": "array", "maxItems": mostCommands, "items": command}}, "commands"),
		"batch_result":  obj(node{"status": whole(), "body": node{}, "location": text(), "etag": text()}, "status", "body"),
		"batch_results": obj(node{"results": node{"type": "array", "items": ref("batch_result")}}, "results"),
		"completion":    listOf(obj(node{"text": text(), "class": text(), "detail": text(), "from": whole(), "to": whole()})),
		"index":         obj(node{"version": text(), "resources": node{"type": "array", "items": ref("resource")}}, "resources"),
		"resource":      node{"type": "object", "description": "a process: schema, states with phases, transitions, links"},
		"me":            obj(node{"id": ident(), "name": text(), "title": text(), "roles": node{"type": "array", "items": text()}, "permissions": node{"type": "array", "items": text()}}, "id", "name"),
	}
}
