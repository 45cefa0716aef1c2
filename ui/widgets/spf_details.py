"""What is known about an SPF record beyond its text: what to do first, its effect, its costs.

All sentences and judgements come from ``wizard.records.spf``; here they are only shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ui.widgets.copying import FixedText, breakable
from ui.widgets.folding import Folding
from ui.widgets.icons import follow_palette, pixmap, text_size
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel, look_of
from wizard.records.spf.report import Effect, SpfReport, SpfResult, TreeNode, WayOut, Whose
from wizard.records.spf.words import counts_message, effect_message, node_remarks

if TYPE_CHECKING:
    from wizard.texts import Texts

_LEVELS_OPEN = 1
_MOST_ROWS = 12


class SpfDetails(QWidget):
    """Under an SPF record: the ways out, the effect, and the tree of its look-ups."""

    def __init__(self, report: SpfReport, prefix: str, texts: Texts) -> None:
        """``prefix`` begins the object names."""
        super().__init__()
        self._texts, self._prefix = texts, prefix
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        for number, way in enumerate(report.ways, 1):
            self._add_way(way, f"{prefix}-way-{number}")
        self._add_effects(report.effects)
        if report.tree:
            self._add_tree(report)

    def _add_way(self, way: WayOut, name: str) -> None:
        who = self._texts(f"who.{way.who}")
        self._column.addWidget(Subheading(self._texts("cli.spf.way", who=who)))
        for number, step in enumerate(way.steps, 1):
            said = Body(f"{number}. {self._texts.render(step)}")
            said.setObjectName(f"{name}-step-{number}")
            self._column.addWidget(said)
        if way.proposal is None:
            return
        # No copy button: a proposal is not the record, it has to be looked at first.
        label = self._texts("spf.way.proposal")
        self._column.addWidget(Muted(label))
        proposal = FixedText(way.proposal)
        proposal.setObjectName(f"{name}-proposal")
        proposal.setAccessibleName(label)
        self._column.addWidget(proposal)

    def _add_effects(self, effects: tuple[Effect, ...]) -> None:
        if all(effect.before.result is SpfResult.TEMPERROR for effect in effects):
            return  # nobody answered: that is said above
        self._column.addWidget(Subheading(self._texts("spf.effect.title")))
        for number, effect in enumerate(effects, 1):
            said = StateLabel(_state(effect), self._texts.render(effect_message(effect)))
            said.setObjectName(f"{self._prefix}-effect-{number}")
            self._column.addWidget(said)

    def _add_tree(self, report: SpfReport) -> None:
        self._column.addWidget(Body(self._texts.render(counts_message(report))))
        folding = Folding(self._texts("spf.tree.title"), f"{self._prefix}-tree-fold")
        tree = SpfTree(report.tree, self._texts)
        tree.setObjectName(f"{self._prefix}-tree")
        folding.show_content(tree)
        # Where the costs are the trouble they are shown at once.
        folding.button.setChecked(bool(report.ways))
        self._column.addWidget(folding)


def _state(effect: Effect) -> str:
    """How a line looks: green is what holds now; a stranger is only told about."""
    result = effect.before.result
    if result is SpfResult.TEMPERROR:
        return "unknown"
    if effect.whose is Whose.STRANGER:
        return "wrong" if result is SpfResult.PASS else "unknown"
    return "ok" if result is SpfResult.PASS else "wrong"


class SpfTree(QTreeWidget):
    """Every term that costs a look-up, with what it costs and leads to. As high as it needs."""

    def __init__(self, nodes: tuple[TreeNode, ...], texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.setColumnCount(2)
        self.setHeaderLabels([texts("spf.tree.term"), texts("spf.tree.lookups")])
        self.setAccessibleName(texts("spf.tree.name"))
        self.setWordWrap(True)
        # Terms are read from left to right in every language.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._troubled: list[QTreeWidgetItem] = []
        for node in nodes:
            self.addTopLevelItem(self._item(node))
        self.expandToDepth(_LEVELS_OPEN)
        self.expanded.connect(self._fit)
        self.collapsed.connect(self._fit)
        follow_palette(self._draw)
        self._draw()
        self._fit()

    def _item(self, node: TreeNode) -> QTreeWidgetItem:
        remarks = "; ".join(self._texts.render(remark) for remark in node_remarks(node))
        term = breakable(node.term)
        item = QTreeWidgetItem([f"{term}\n{remarks}" if remarks else term, str(node.lookups)])
        cost = self._texts("spf.tree.cost", n=node.lookups)
        spoken = ", ".join(filter(None, [node.term, cost, remarks]))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        if node.problem is not None or node.void:
            self._troubled.append(item)
        for child in node.children:
            item.addChild(self._item(child))
        return item

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show up to a dozen rows without a scroll bar inside the page's own."""
        height, rows = self.header().sizeHint().height() + 2 * self.frameWidth(), 0
        index = self.model().index(0, 0)
        while index.isValid() and rows < _MOST_ROWS:
            height += self.rowHeight(index)
            index = self.indexBelow(index)
            rows += 1
        if height != self.height():
            self.setFixedHeight(height)

    def _draw(self) -> None:
        name, tone = look_of("attention")
        mark = QIcon(pixmap(name, tone, text_size()))
        for item in self._troubled:
            item.setIcon(0, mark)
