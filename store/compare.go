package store

import (
	"bytes"
	"cmp"
	"strings"
	"time"
)

// compareAny orders two values as a driver gave them, blank lowest. Both come from one column.
func compareAny(x, y any) int {
	if x == nil || y == nil {
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return -1
		}
		return 1
	}
	switch a := x.(type) {
	case int64:
		if b, ok := y.(int64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := y.(string); ok {
			return strings.Compare(a, b)
		}
	case []byte:
		if b, ok := y.([]byte); ok {
			return bytes.Compare(a, b)
		}
	case time.Time:
		if b, ok := y.(time.Time); ok {
			return a.Compare(b)
		}
	case bool:
		if b, ok := y.(bool); ok && a != b {
			if a {
				return 1
			}
			return -1
		}
	}
	return 0
}
