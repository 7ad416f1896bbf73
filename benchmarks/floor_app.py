"""The floor that the board is measured against: a minimal Textual app with one table."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class FloorApp(App[None]):
    """One table of 27 rows, nothing else."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [("q", "quit", "quit")]

    def compose(self) -> ComposeResult:
        """The table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns("Goals", "value", "pace", "state")
        for row in range(27):
            table.add_row(f"goal {row}", f"{row * 37 % 101}", "0.94", "on track")


if __name__ == "__main__":
    FloorApp().run()
