"""Reading the next batch of a file while the last one is judged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items in order, each produced in a thread of its own while the one before is used.

    Parsing and judging both leave the interpreter lock alone most of the time. What `items` raises
    is raised here.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        end = object()
        coming = executor.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = executor.submit(next, items, end)
            yield item  # type: ignore[misc]  # `end` is excluded by identity
