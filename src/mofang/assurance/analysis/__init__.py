"""Analysis: risks, voices, targets and versions side by side, every number a figure.

columns     verdict and question segments as arrays, read once                    columns
rates       counts, bounds, weighted and repeated rates                           rates
voices      what several judges say of one answer, and how far each may be used   voices
change      the same questions put to two targets                                 change
analyse     the whole table as one value                                          analyse
"""
