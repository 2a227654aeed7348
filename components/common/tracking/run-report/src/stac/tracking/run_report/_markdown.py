"""Show a text written in a little Markdown: headings, paragraphs, lists, code. Everything is escaped first."""

import re

from markupsafe import Markup, escape


def markdown(text: str) -> Markup:
    """Render the text as HTML in which nothing of the text itself is markup.

    Examples
    --------
    >>> print(markdown("Hello `x` <script>"))
    <p>Hello <code>x</code> &lt;script&gt;</p>
    """
    parts = []
    for i, block in enumerate(re.split(r"^```.*$\n?", text.replace("\r\n", "\n"), flags=re.MULTILINE)):
        if i % 2:  # between two fences
            parts.append(Markup("<pre>{}</pre>").format(block.rstrip("\n")))
        else:
            parts.extend(_block(lines) for lines in re.split(r"\n\s*\n", block) if lines.strip())
    return Markup("\n").join(parts)


def _block(text: str) -> Markup:
    lines = text.strip("\n").split("\n")
    if heading := re.match(r"#{1,6}\s+(.*)", lines[0]):
        rest = "\n".join(lines[1:])
        return Markup("<h4>{}</h4>{}").format(_inline(heading[1]), _block(rest) if rest.strip() else "")
    for pattern, tag in ((r"\s*[-*+]\s+", "ul"), (r"\s*\d+[.)]\s+", "ol")):
        if re.match(pattern, lines[0]):
            items = re.split(rf"^{pattern}", text.strip("\n"), flags=re.MULTILINE)[1:]
            return Markup(f"<{tag}>{{}}</{tag}>").format(
                Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
            )
    return Markup("<p>{}</p>").format(_inline("\n".join(lines)))


def _inline(text: str) -> Markup:
    html = str(escape(text.strip()))
    html = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html)
    html = re.sub(r"\*\*([^*\n]+)\*\*", r"<strong>\1</strong>", html)
    return Markup(html)  # escaped above; only our own four tags were added
