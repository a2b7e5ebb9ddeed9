"""Pieces of HTML: text that is escaped, and text that stands in both tongues."""

from html import escape

Text = tuple[str, str]
"""In Chinese and in English."""


def both(text: Text) -> str:
    """Give a text in both tongues; the style sheet shows one. A text that is the same in both stands once."""
    chinese, english = text
    if chinese == english:
        return escape(chinese)
    return (
        f'<span class="zh" lang="zh-CN">{escape(chinese)}</span><span class="en" lang="en">{escape(english)}</span>'
    )


def both_in_svg(text: Text, attributes: str) -> str:
    """Give a text of a drawing in both tongues."""
    chinese, english = text
    if chinese == english:
        return f"<text {attributes}>{escape(chinese)}</text>"
    return (
        f'<text {attributes} class="zh" lang="zh-CN">{escape(chinese)}</text>'
        f'<text {attributes} class="en" lang="en">{escape(english)}</text>'
    )
