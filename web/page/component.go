package page

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"steward/web/look"
)

// Component is a part of a page.
type Component = templ.Component

// shell puts body into the frame.
func shell(f look.Frame, body Component) Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return look.Shell(f).Render(templ.WithChildren(ctx, body), w)
	})
}
