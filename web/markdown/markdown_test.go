package markdown

import "testing"

func TestTagsAreTextAndNothingThatWasWrittenIsDropped(t *testing.T) {
	for in, want := range map[string]string{
		"a <b> & <angles>":                      "<p>a &lt;b&gt; &amp; &lt;angles&gt;</p>\n",
		"<script>alert(1)</script>":             "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
		"<div>\n**x**\n</div>":                  "<p>&lt;div&gt;\n<strong>x</strong>\n&lt;/div&gt;</p>\n",
		"<!-- hidden -->":                       "<p>&lt;!-- hidden --&gt;</p>\n",
		"[x](javascript:alert(1))":              "<p>x</p>\n",
		"![x](https://elsewhere.example/a.png)": "<p>x</p>\n",
		"<https://steward.example>":             "<p><a href=\"https://steward.example\">https://steward.example</a></p>\n",
		"# Head":                                "<h3>Head</h3>\n",
		"`<b>`":                                 "<p><code>&lt;b&gt;</code></p>\n",
	} {
		if got := Render(in); got != want {
			t.Errorf("%q\nis   %q\nwant %q", in, got, want)
		}
	}
}
