package pack

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"steward/kernel/record"
)

// point is one reading.
type point struct {
	At                                      time.Time
	Value                                   float64
	Text, Met, Source, Ref, Period, X, Y, R string
	TextY                                   string // of a target: where its words stand
	Href                                    string
	id                                      record.ID
}

// tick is a line across the chart.
type tick struct{ Y, Text, TextY string }

// chart is the readings of one metric, drawn.
type chart struct {
	Ref, Name, Unit, Formula, Better string
	Href                             string
	Target                           *point
	Points                           []point
	Line                             string // of the SVG path
	Ticks                            []tick
	First, Last                      string
	id                               record.ID
}

// The chart's size and the room around what is drawn.
const (
	chartWidth, chartHeight                      = 640.0, 180.0
	chartLeft, chartRight, chartTop, chartBottom = 56.0, 12.0, 12.0, 26.0
)

// draw works out where things stand. The values' axis begins at zero unless a value lies below, so
// that a small difference is not made to look like a large one.
func (c *chart) draw() {
	low, high := 0.0, 0.0
	take := func(v float64) { low, high = math.Min(low, v), math.Max(high, v) }
	for _, p := range c.Points {
		take(p.Value)
	}
	if c.Target != nil {
		take(c.Target.Value)
	}
	step := niceStep((high - low) / 4)
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if high == low {
		high = low + step
	}
	y := func(v float64) float64 {
		return chartTop + (high-v)/(high-low)*(chartHeight-chartTop-chartBottom)
	}
	first, last := c.Points[0].At, c.Points[len(c.Points)-1].At
	x := func(t time.Time) float64 {
		if !last.After(first) {
			return (chartLeft + chartWidth - chartRight) / 2
		}
		return chartLeft + float64(t.Sub(first))/float64(last.Sub(first))*(chartWidth-chartLeft-chartRight)
	}
	for i := 0; ; i++ {
		v := low + float64(i)*step
		if v > high+step/2 || i > 12 {
			break
		}
		c.Ticks = append(c.Ticks, tick{coordinate(y(v)), strconv.FormatFloat(round(v), 'f', -1, 64), coordinate(y(v) + 3.5)})
	}
	for i := range c.Points {
		p := &c.Points[i]
		p.X, p.Y, p.R = coordinate(x(p.At)), coordinate(y(p.Value)), "3.5"
		verb := " L"
		if i == 0 {
			verb = "M"
		}
		c.Line += verb + p.X + " " + p.Y
	}
	if c.Target != nil {
		at := y(c.Target.Value)
		c.Target.Y, c.Target.TextY = coordinate(at), coordinate(at-4)
		if at < chartTop+14 { // no room above it
			c.Target.TextY = coordinate(at + 13)
		}
	}
	c.First, c.Last = first.Format("2 Jan 2006"), last.Format("2 Jan 2006")
}

func niceStep(raw float64) float64 {
	if raw <= 0 {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if raw <= m*base {
			return m * base
		}
	}
	return 10 * base
}

// round takes off what binary fractions add to a tick.
func round(v float64) float64 { return math.Round(v*1e9) / 1e9 }

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// told is the chart in one sentence, for who does not see it.
func (c *chart) told() string {
	newest := c.Points[len(c.Points)-1]
	s := fmt.Sprintf("%s: %s; the newest value is %s %s", c.Name, plural(len(c.Points), "reading", "readings"), newest.Text, c.Unit)
	if c.Target != nil {
		s += ", the target is " + c.Target.Text
	}
	return s
}
