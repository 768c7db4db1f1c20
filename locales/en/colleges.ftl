problem-code-taken = The code is taken
problem-code-taken-detail = Another one has this code. Codes are unique; choose another.
problem-class-exists = The class is there already
problem-class-exists-detail = A class with the same college, major, label and years exists. Use it, or tell the two apart by their label.

fault-year-needed = The year of entry or of graduation, one at least.
fault-year-order = The year of graduation comes before the year of entry.
