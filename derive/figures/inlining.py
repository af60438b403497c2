"""A drawing as part of an HTML page."""

from __future__ import annotations

from xml.etree import ElementTree

#: Matplotlib's rule for every shape, which on a page would be one for the page.
_STYLE = "stroke-linejoin: round; stroke-linecap: butt"


def inlined(svg: bytes, name: str, title: str, description: str) -> str:
    """A drawing as part of an HTML page, with names of its own and words for who cannot see it.

    `title` and `description` are plain text.
    """
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if _bare(child.tag) in ("metadata", "style"):
                parent.remove(child)
    for node in root.iter():
        node.tag = _bare(node.tag)
        node.attrib = {_bare(key): _own(name, value, key) for key, value in node.attrib.items()}
    words = (("title", title), ("desc", description))
    for place, (tag, text) in enumerate(words):
        node = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        node.text = text
        root.insert(place, node)
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{name}-title",
        "aria-describedby": f"{name}-desc",
        "style": _STYLE,
    }
    root.attrib.pop("version", None)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _bare(name: str) -> str:
    """A name without its namespace, of which a page in HTML needs none."""
    return name.rpartition("}")[2]


def _own(name: str, value: str, key: str) -> str:
    """An attribute with the names of parts of this drawing made its own."""
    if key == "id":
        return f"{name}-{value}"
    if _bare(key) == "href" and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    if value.startswith("url(#"):
        return f"url(#{name}-{value[5:]}"
    return value.replace("url(#", f"url(#{name}-") if key == "style" else value
