"""Mofang (模坊): from corpus to a filing-ready, guarded service, with the evidence attached."""

__version__ = "0.1.0"
