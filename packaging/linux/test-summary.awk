# Closing lines of `cargo test`: one per suite that ran something, every failed test, and the sum.
/^ +Running / { suite = $2; if (suite == "unittests") suite = $2 " " $3; path = $NF; gsub(/[()]/, "", path); sub(/.*\//, "", path); sub(/-[0-9a-f]+$/, "", path); suite = path " (" suite ")" }
/^ +Doc-tests / { suite = $2 " (doc)" }
/^test result: / {
    passed += $4; failed += $6; ignored += $8
    if ($4 + $6 > 0) printf "%-44s %s\n", suite, $0
}
/^test .* \.\.\. FAILED$/ { failures[++count] = suite ": " $2 }
/SKIPPED [a-z_]+: / { sub(/^.*SKIPPED /, "SKIPPED "); skips[++skipped] = $0 }
/^error(\[E[0-9]+\])?: / { errors++ }
END {
    for (i = 1; i <= count; i++) print "FAILED " failures[i]
    for (i = 1; i <= skipped; i++) print skips[i]
    printf "%d passed, %d failed, %d ignored", passed, failed, ignored
    if (skipped > 0) printf ", %d of the passed skipped because something is not allowed here", skipped
    if (errors > 0 && failed == 0) printf "; the build or a test process broke, see above"
    print ""
}
