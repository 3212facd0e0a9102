"""Question banks 题库: the questions put to a service, where they come from and what they are worth.

Question    one test question, and Bank: many of them, by digest      bank
files       banks read from and written to files                     files
starter     the demonstration bank that comes with Mofang            starter
"""
