"""A template as YAML for people: CloudFormation's short tags, a blank line between resources, nothing folded."""

from collections.abc import Mapping
from typing import Any

import yaml

_TAGGED = {f"Fn::{name}": f"!{name}" for name in ("Sub", "If", "Equals", "Not", "Join", "Select")}
_NO_FOLDING = 100_000
_RULE = 100  # characters of a heading
# Sections whose entries are long enough for a blank line between them.
_SPACED = {"Parameters", "Resources", "Outputs"}


def render(template: Mapping[str, Any], header: str, headings: Mapping[str, str] | None = None) -> str:
    """The template's text, the same for the same template.

    `header` is a comment of some lines at the top; `headings` are those of the parts that begin with these logical ids.
    """
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    sections = []
    for name, content in template.items():
        if name in _SPACED:
            marks = (headings or {}) if name == "Resources" else {}
            entries = (_heading(marks.get(key)) + _yaml({key: value}) for key, value in content.items())
            sections.append(f"{name}:\n" + "\n".join(_indented(entry) for entry in entries))
        else:
            sections.append(_yaml({name: content}))
    return comment + "\n" + "\n".join(sections)


def _heading(title: str | None) -> str:
    return f"# -- {title} ".ljust(_RULE, "-") + "\n\n" if title else ""


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=_NO_FOLDING, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """PyYAML's, which quotes every text behind a tag and puts the dashes of a list below the name's first letter."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def choose_scalar_style(self) -> Any:
        chosen = super().choose_scalar_style()
        event: Any = self.event
        return "" if (event.tag or "").startswith("!") and not event.style and self._is_plain() else chosen

    def _is_plain(self) -> bool:
        analysis: Any = self.analysis
        return bool(analysis.allow_block_plain and not analysis.multiline and not analysis.empty)


def _mapping(dumper: _Dumper, data: Mapping[str, Any]) -> yaml.Node:
    match dict(data):
        case {"Ref": str(name)} if len(data) == 1:
            return dumper.represent_scalar("!Ref", name)
        case {"Fn::GetAtt": [str(name), str(attribute)]} if len(data) == 1:
            return dumper.represent_scalar("!GetAtt", f"{name}.{attribute}")
        case {**only} if len(only) == 1 and (tag := _TAGGED.get(next(iter(only)))):
            argument = next(iter(only.values()))
            if isinstance(argument, str):
                return dumper.represent_scalar(tag, argument, style="|" if "\n" in argument else None)
            return dumper.represent_sequence(tag, argument)
    return dumper.represent_dict(data)


def _text(dumper: _Dumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(str, _text)
