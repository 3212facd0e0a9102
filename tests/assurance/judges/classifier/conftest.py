"""Neutral labelled texts, made up: a text fails when it speaks of spoilt fruit."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.judges.classifier.labels import Columns, Labelled, read_labels
from mofang.assurance.judges.classifier.scoring import TextClassifier, load_classifier
from mofang.assurance.judges.classifier.training import Trained, train

OPENINGS = (
    "今天",
    "昨天下午",
    "据店员说",
    "早上",
    "周末",
    "刚才",
    "听邻居讲",
    "上个月",
    "雨停以后",
    "开门之前",
)
PLACES = (
    "东边的集市",
    "河边小店",
    "学校食堂",
    "三号仓库",
    "车站旁边",
    "老街",
    "码头",
    "社区超市",
    "山脚果园",
    "夜市",
)
FRUITS = ("苹果", "梨", "葡萄", "桃子", "西瓜", "荔枝", "樱桃", "石榴", "柿子", "杨梅")
GOOD = ("很新鲜", "又甜又脆", "刚刚摘下", "卖得不错", "颜色好看", "香味浓")
SPOILT = ("已经发霉", "全都烂了", "有股酸臭味", "长了虫子", "黑了一半", "软得流水")
ENDS = ("。", "，大家都看见了。", "，老板点了点头。", "！", "，一共{n}斤。", "，价格是{n}元。")
WEEKDAY, WEEKEND = "weekday", "weekend"


Row = tuple[str, str, str]


@pytest.fixture(scope="session")
def sentences() -> Callable[..., list[Row]]:
    """``sentences(n, seed=1, wrong=0.05)``: texts with label (1: spoilt) and group; a share of the labels is
    ``wrong``."""

    def made(n: int, seed: int = 1, wrong: float = 0.05) -> list[Row]:
        chance = random.Random(seed)
        return [_sentence(chance, wrong) for _n in range(n)]

    return made


def _sentence(chance: random.Random, wrong: float) -> Row:
    spoilt = chance.random() < 0.5
    said = chance.choice(SPOILT if spoilt else GOOD) + chance.choice(ENDS).format(n=chance.randrange(900))
    text = chance.choice(OPENINGS) + chance.choice(PLACES) + "的" + chance.choice(FRUITS) + said
    label = spoilt != (chance.random() < wrong)
    return text, str(int(label)), chance.choice(("weekday", "weekend"))


@pytest.fixture(scope="session")
def write_csv() -> Callable[..., Path]:
    """``write_csv(path, rows, encoding="utf-8")``: a table with the columns text, label, group."""

    def write(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
        lines = ["text,label,group", *(",".join(row) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


@pytest.fixture(scope="session")
def columns() -> Columns:
    return Columns("text", "label", "group", ("1",))


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory, sentences: Any, write_csv: Any) -> Path:
    path: Path = write_csv(tmp_path_factory.mktemp("labels") / "labels.csv", sentences(600))
    return path


@pytest.fixture(scope="session")
def labelled(table: Path, columns: Columns) -> Labelled:
    return read_labels(table, columns)


@pytest.fixture(scope="session")
def trained(labelled: Labelled, columns: Columns) -> Trained:
    return train(labelled, columns)


@pytest.fixture(scope="session")
def classifier(trained: Trained) -> TextClassifier:
    return load_classifier(trained.data)
