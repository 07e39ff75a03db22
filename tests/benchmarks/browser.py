"""A session as a browser has it, without the browser: Streamlit's own protocol over its WebSocket."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

LARGEST = 64 * 1024 * 1024


@dataclass
class Tab:
    """One open tab: it remembers what a browser would send along with the next run."""

    link: ClientConnection
    query: str = ""
    page: str = ""
    script: str = ""
    cached: dict[str, None] = field(default_factory=dict)
    pressed: dict[str, bool] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, port: int, *, cookie: str | None = None, page: str = "", query: str = "") -> "Tab":
        """Open a page and wait until its first run has ended."""
        headers = {"Cookie": cookie} if cookie else {}
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        link = connect(
            address,
            origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]  # a NewType of text
            subprotocols=["streamlit"],  # type: ignore[list-item]  # a NewType of text
            additional_headers=headers,
            max_size=LARGEST,
            compression=None,
        )
        tab = cls(link, query, page)
        tab.run()
        return tab

    def close(self) -> None:
        """Close the tab."""
        self.link.close()

    def run(self, fragment: str = "") -> list[ForwardMsg]:
        """Run the page, or one of its fragments, anew; gives the messages up to the end of the run."""
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self.script, fragment
        state.page_name = "" if self.script else self.page
        state.cached_message_hashes.extend(self.cached)
        for name, value in self.pressed.items():
            state.widget_states.widgets.add(id=name, bool_value=value)
        for name, text in self.texts.items():
            state.widget_states.widgets.add(id=name, string_value=text)
        self.link.send(asked.SerializeToString())
        return list(self._messages())

    def again(self) -> list[ForwardMsg]:
        """Run the page as one that has nothing of it yet; gives every message."""
        self.cached.clear()
        return self.run()

    def timed(self, fragment: str = "") -> float:
        """Give the seconds of one run, from asking for it to its end."""
        started = time.perf_counter()
        self.run(fragment)
        return time.perf_counter() - started

    def _messages(self) -> Iterator[ForwardMsg]:
        while True:
            found = ForwardMsg.FromString(self.link.recv(timeout=60))  # type: ignore[arg-type]  # never text
            kind = found.WhichOneof("type")
            if found.metadata.cacheable:
                self.cached[found.hash] = None
            if kind == "navigation":
                self.script = found.navigation.page_script_hash
            if kind == "delta" and found.delta.new_element.WhichOneof("type") == "exception":
                raise ValueError(f"the page failed: {found.delta.new_element.exception.message}")
            yield found
            if kind == "script_finished" and found.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return


def elements(messages: list[ForwardMsg]) -> list[Any]:
    """Give the elements among the messages of a run."""
    return [found.delta.new_element for found in messages if found.delta.HasField("new_element")]


def blocks(messages: list[ForwardMsg]) -> list[Any]:
    """Give the blocks among the messages of a run."""
    return [found.delta.add_block for found in messages if found.delta.HasField("add_block")]
