"""Question banks 题库: the questions put to a service, where they come from and what they are worth.

Question     one test question, and Bank: many of them, by digest                   bank
Layout       how a file's columns become question fields 映射; known ones by name    layout, rows, sheet
BankReport   what an import kept, and every row it left out                         files
Card         version, licence, dates, counts, digest, and how a bank came here 卡片  card
BankDiff     what changed between two states                                        diff
Fresh        the age of a bank against a standard 时效                               freshness
Pair         questions that nearly repeat one another 近似                           likeness
Leak         questions that stand in the corpus 泄漏                                 leakage
Reply        a declared curated reply 代答                                          replies
Lookup       an answer that was fetched rather than made 套题                        lookup
inspection   all three over the banks of a project, as one job                      plan, tasks, inspection, metrics
sealed       banks encrypted at rest                                                sealed
starter      the demonstration bank that comes with Mofang                          starter
"""
