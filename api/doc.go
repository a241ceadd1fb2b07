// Package api is the HTTP door: REST under /api/v1/ for every declared process, the change feed,
// health, metrics and the description of all of it (ISO/IEC 20000-1:2018, 7.5 and 9.1 rest on
// being able to read what is there and what was there).
//
// In: requests. Out: commands and queries of kernel/system, nothing else; no rule of a process
// stands here. A handler has three steps: decode, the road, encode.
//
// Start at [New], then routes.go, the one table of what is answered. wish.go turns the path and
// body of a write into a command, for single requests and batches alike; encode.go writes records
// by walking their declaration.
//
// Always true:
//   - Every route stands in the table with its class: what is not in it is 404, another method of
//     a path in it 405; the OpenAPI description is made from the same table.
//   - What the caller may not know of is answered exactly like what is not there.
//   - Errors are RFC 9457 problems; a panic is one with an id, and the process lives on.
//   - A POST that carries an Idempotency-Key is carried out once: its row is written in the very
//     transaction of the command.
package api
