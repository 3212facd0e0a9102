"""Standards as data: one folder per standard, read by ``mofang.assurance.pack``. No code lives here."""
