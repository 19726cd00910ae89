package match

// Rules numbers the rules by which package versions and advisories are matched: what a range says, how versions are ordered, which
// names are compared, which of several sources decides, what is a fix. It is raised whenever the same packages and
// advisories may give other findings than before. What was matched by older rules is then matched again, and what that opens
// or closes says so.
const Rules = 1
