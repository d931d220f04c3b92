"""Facts that have an owner: numbers, dates, documents, bodies, persons, places."""

from assistant.facts.blank import BLANK, blank_facts
from assistant.facts.compare import is_general_title, owned
from assistant.facts.find import find_facts

__all__ = ["BLANK", "blank_facts", "find_facts", "is_general_title", "owned"]
