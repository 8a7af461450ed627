"""YAML as configuration needs it: strict, small, and without surprises.

No tags, no anchors, no duplicate keys, one document. Plain words are text unless they are `true`, `false`, `null`
or a whole number without leading zeros, so that 004010, 2026-12-01, 1.50 and `no` stay as they were written.
"""

import re
from typing import Any

import yaml

from core.errors import Finding, Invalid

BAD_YAML = "CONFIG_BAD_YAML"
LARGEST_BYTES = 1_048_576
DEEPEST = 30
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(data: bytes) -> Any:
    """Read one YAML document into dicts, lists, texts, whole numbers, booleans and None.

    Raises `Invalid` with every duplicate key, or with the first place that is no such YAML.
    """
    text = _decode(data)
    try:
        _refuse_surprises(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _refused(_line(error.problem_mark), f"This is not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise _refused("file", "This is not YAML: it has a character that text does not have.") from error
    if node is None:
        raise _refused("file", "The file is empty.", "Begin with `version: 1`.")
    findings: list[Finding] = []
    value = _value(node, "", findings)
    if findings:
        raise Invalid(findings, code=BAD_YAML)
    return value


def _decode(data: bytes) -> str:
    if len(data) > LARGEST_BYTES:
        raise _refused("file", f"The file is larger than {LARGEST_BYTES} bytes.", "Write one file per tenant.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("file", f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.") from error


def _refuse_surprises(text: str) -> None:
    """Look at the stream of events, which costs no memory, before anything is built from it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEEPEST:
            raise _refused(line, f"This is nested deeper than {DEEPEST} levels.")
        if documents > 1:
            raise _refused(line, "The file holds more than one YAML document.", "Remove the `---` line.")
        if getattr(event, "anchor", None):
            raise _refused(line, "Anchors and aliases (& and *) are not used here.", "Write the value out.")
        if getattr(event, "tag", None):
            raise _refused(line, "Tags (!) are not used here.", "Put the text in quotes if it begins with !.")


def _value(node: yaml.Node, path: str, findings: list[Finding]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, findings)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{index}]", findings) for index, item in enumerate(node.value)]
    return _scalar(node, path, findings)


def _mapping(node: yaml.MappingNode, path: str, findings: list[Finding]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            findings.append(Finding(_line(key_node.start_mark), "A key is one word.", code=BAD_YAML))
            continue
        key = key_node.value
        place = f"{path}.{key}" if path else key
        if key in read:
            reason = f"The key is there twice, again in {_line(key_node.start_mark)}."
            findings.append(Finding(place, reason, "Remove one of them.", BAD_YAML))
        read[key] = _value(value_node, place, findings)
    return read


def _scalar(node: Any, path: str, findings: list[Finding]) -> Any:
    text: str = node.value
    if _UNSTORABLE.search(text):
        findings.append(Finding(path, "This text has a character that cannot be stored.", code=BAD_YAML))
    if node.style:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}" if mark is not None else "file"


def _refused(path: str, reason: str, hint: str = "") -> Invalid:
    return Invalid([Finding(path, reason, hint, BAD_YAML)], code=BAD_YAML)
