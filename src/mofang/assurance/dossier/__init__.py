"""The dossier 备案材料: findings and figures as documents that people read, sign and check.

material    findings + figures -> one view of what is printed
html        report.html, evidence.html        docx   report.docx        gaps   gaps.xlsx
narrative   the provider's own words, from files that are never overwritten
bound       read the figures bound in a document, and compare them with recomputed ones
publish     write the documents into the project, without touching one that a person edited
"""
