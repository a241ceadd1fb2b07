package api

import (
	"net/http"
	"strings"
)

var (
	queryPast = []string{"as_of", "known_at"}
	queryList = append([]string{"filter", "sort", "fields", "in_force_on"}, queryPast...)
)

func with(a []string, b ...string) []string { return append(append([]string{}, a...), b...) }

// table puts together what is answered: once for the whole, and for every process from its
// declaration. Everything else (ServeMux, 405, the description, the tests) follows from it.
func (s *server) table() {
	get, post, put, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	whole := []Route{
		{Method: get, Path: "/{$}", Open: true, Serve: home, Doc: "The documentation.", Status: 303, Kind: "text/html"},
		{Method: get, Path: "/healthz", Open: true, Serve: healthz, Doc: "Whether the process lives."},
		{Method: get, Path: "/readyz", Open: true, Serve: readyz, Doc: "Whether it can serve."},
		{Method: get, Path: "/metrics", Open: true, Serve: metrics, Doc: "Prometheus metrics; for this machine, administrators and auditors.", Kind: "text/plain"},
		{Method: get, Path: "/api/openapi.json", Open: true, Serve: openapi, Doc: "This description.", Kind: "application/json"},
		{Method: get, Path: "/api/docs", Open: true, Serve: docs, Doc: "This description, to read.", Kind: "text/html"},
		{Method: get, Path: "/api/docs/style.css", Open: true, Serve: style, Doc: "How it looks.", Kind: "text/css"},
		{Method: get, Path: "/api/v1/{$}", Serve: index, Doc: "All resources with their schemas, states and transitions.", Gives: "index"},
		{Method: get, Path: "/api/v1", Serve: index, Doc: "The same.", Gives: "index"},
		{Method: get, Path: "/api/v1/me", Serve: me, Doc: "Who calls, and what they may do.", Gives: "me"},
		{Method: get, Path: "/api/v1/tokens", Serve: tokens, Doc: "The caller's tokens.", Gives: "token_list"},
		{Method: post, Path: "/api/v1/tokens", Basic: true, Serve: makeToken, Doc: "Make a token; with HTTP Basic one signs in.", Status: 201, Takes: "token_new", Gives: "token"},
		{Method: del, Path: "/api/v1/tokens/{token}", Serve: revokeToken, Doc: "Revoke a token.", Status: 204},
		{Method: get, Path: "/api/v1/search", Serve: search, Query: []string{"q", "limit"}, Doc: "Records of any process by words.", Gives: "thin_list"},
		{Method: get, Path: "/api/v1/my-work", Serve: myWork, Query: []string{"limit"}, Doc: "What waits for the caller.", Gives: "thin_list"},
		{Method: get, Path: "/api/v1/inbox", Serve: inbox, Query: []string{"unread", "before", "limit"}, Doc: "What the caller was told.", Gives: "notice_list"},
		{Method: get, Path: "/api/v1/looks", Serve: looks, Query: []string{"principal", "process", "record", "from", "to", "before", "limit"}, Doc: "Who looked at what: of auditors everything, of others the documents they opened.", Gives: "look_list"},
		{Method: post, Path: "/api/v1/inbox/{notice}/read", Serve: readNotice, Doc: "Mark it as read.", Status: 204},
		{Method: get, Path: "/api/v1/events", Serve: events, Query: []string{"after", "limit"}, Doc: "What happened after a position, in order.", Gives: "event_list"},
		{Method: get, Path: "/api/v1/stream", Serve: stream, Long: true, Query: []string{"after"}, Doc: "The same as server-sent events.", Kind: "text/event-stream"},
		{Method: get, Path: "/stream", Serve: stream, Long: true, Query: []string{"after"}, Doc: "The same.", Kind: "text/event-stream"},
		{Method: get, Path: "/events", Serve: events, Query: []string{"after", "limit"}, Doc: "What happened after a position, in order.", Gives: "event_list"},
		{Method: post, Path: "/api/v1/batch", Serve: batch, Long: true, Doc: "Up to a thousand commands: all or nothing, or each on its own.", Takes: "batch", Gives: "batch_results"},
	}
	for _, r := range whole {
		s.add(r)
	}
	for _, p := range s.sys.Registry.All {
		base := "/api/v1/" + p.Resource
		one := base + "/{id}"
		rs := []Route{
			{Method: get, Path: base, Serve: list, Query: with(queryList, "limit", "cursor", "expand"), Doc: "List.", Gives: "list"},
			{Method: get, Path: base + "/count", Serve: count, Query: with(queryPast, "filter", "in_force_on"), Doc: "How many there are.", Gives: "count"},
			{Method: get, Path: base + "/schema", Serve: schema, Doc: "What it consists of.", Gives: "resource"},
			{Method: get, Path: base + "/export", Serve: export, Long: true, Query: with(queryList, "format"), Doc: "The list as csv, json or xlsx.", Kind: "text/csv"},
			{Method: get, Path: base + "/complete", Serve: complete, Query: []string{"filter", "cursor"}, Doc: "What may stand at a place of a filter.", Gives: "completion"},
			{Method: get, Path: one, Serve: get1, Query: with(queryPast, "fields", "expand", "in_force_on"), Doc: "One, as it is or was.", Gives: "record"},
			{Method: get, Path: one + "/comments", Serve: comments, Query: queryPast, Doc: "Comments, oldest first.", Gives: "comment_list"},
			{Method: get, Path: one + "/comments/{comment}", Serve: comment, Doc: "One comment.", Gives: "comment"},
			{Method: get, Path: one + "/links", Serve: links, Query: with(queryPast, "all"), Doc: "Links, both directions.", Gives: "link_list"},
			{Method: get, Path: one + "/links/{link}", Serve: link, Doc: "One link.", Gives: "link"},
			{Method: get, Path: one + "/attachments", Serve: attachments, Query: queryPast, Doc: "Files.", Gives: "attachment_list"},
			{Method: post, Path: one + "/attachments", Serve: attach, Long: true, Query: []string{"name", "internal"}, Doc: "Add a file, at most 50 MiB.", Status: 201, Takes: "file", Gives: "attachment"},
			{Method: get, Path: one + "/attachments/{attachment}", Serve: attachment, Long: true, Doc: "A file's content.", Kind: "application/octet-stream"},
			{Method: get, Path: one + "/history", Serve: history, Query: with(queryPast, "after", "limit"), Doc: "Its events, oldest first.", Gives: "event_list"},
			{Method: get, Path: one + "/approvals", Serve: approvals, Doc: "Rounds of approval with their votes.", Gives: "round_list"},
			{Method: get, Path: one + "/grants", Serve: grants, Doc: "Who was let in.", Gives: "grant_list"},
			{Method: get, Path: one + "/watch", Serve: watchers, Doc: "Who is told of what happens.", Gives: "watch"},
			{Method: put, Path: one + "/watch", Serve: watch(true), Doc: "Be told of what happens.", Status: 204},
			{Method: del, Path: one + "/watch", Serve: watch(false), Doc: "No longer.", Status: 204},
			{Method: get, Path: one + "/clocks", Serve: clocks, Doc: "How far each promise is used up.", Gives: "clock_list"},
		}
		if hasLines(p) {
			rs = append(rs, Route{Method: get, Path: one + "/lines/{kind}", Serve: lines, Query: with(queryPast, "version"), Doc: "Lines of a kind.", Gives: "line_list"},
				Route{Method: get, Path: one + "/lines/{kind}/{line}", Serve: line, Query: with(queryPast, "version"), Doc: "One line.", Gives: "line"})
		}
		if p.Versioned {
			rs = append(rs, Route{Method: get, Path: one + "/versions", Serve: versions, Query: queryPast, Doc: "Versions with their content, oldest first.", Gives: "version_list"},
				Route{Method: get, Path: one + "/versions/{n}", Serve: versionOne, Doc: "One version.", Gives: "version"})
		}
		for i := range steps {
			st := &steps[i]
			if st.only != nil && !st.only(p) {
				continue
			}
			path := base
			if len(st.path) > 0 {
				path += "/" + strings.Join(st.path, "/")
			}
			rs = append(rs, Route{Method: st.method, Path: path, Serve: write(st), Doc: st.doc, Status: st.status, Takes: st.takes, Gives: gives[st.show], match: st.match})
		}
		for _, r := range rs {
			r.Process = p
			s.add(r)
		}
	}
}

var gives = map[show]string{showRecord: "record", showComment: "comment", showLink: "link", showVersion: "version", showLine: "line", showSide: "side"}
