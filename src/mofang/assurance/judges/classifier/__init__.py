"""Classifier 分类模型: a judge that is trained on the user's own labels, on an ordinary processor, in minutes.

    labels       labelled texts from a table                          labels.py
    split        which texts train, which are held out                split.py
    features     texts as counted runs of characters and words        features.py
    linear       a view that adds up many weak signs                  linear.py
    peaks        a view that hears one strong sign                    peaks.py
    calibration  scores as probabilities, and the threshold           calibration.py
    measures     how well scores agree with labels, with intervals    measures.py
    training     from labels to one file with its model card          training.py
    container    that file: written canonically, read with suspicion  container.py
    scoring      texts to probabilities, ten thousand a second        scoring.py
    evaluating   a classifier held against labels                     evaluating.py
    picture      the reliability diagram                              picture.py
    judge        verdicts on answers and records                      judge.py

The file holds numbers and a card, no code and no text.
"""

from __future__ import annotations

from mofang.assurance.judges.classifier.container import CLASSIFIER
from mofang.assurance.judges.classifier.judge import ClassifierJudge
from mofang.assurance.judges.classifier.scoring import TextClassifier, load_classifier

__all__ = ["CLASSIFIER", "ClassifierJudge", "TextClassifier", "load_classifier"]
