"""Standards as data: one folder per standard, read by ``mofang.assurance.standard.pack``. No code lives here."""
