# One line about all deaths the recovery suite made the agent die.
/^recovery: .*: n = [0-9]+ kills/ {
    for (i = 1; i <= NF; i++) {
        if ($i == "n") kills += $(i + 2)
        if ($(i + 1) ~ /^violations/) violations += $i
    }
    scenes++
}
/^recovery: power: n = [0-9]+ cuts/ { cuts = $5; violations += $7 }
/^recovery: one settlement: / { flushes = $4 }
/^test result: FAILED/ || /^error/ { failed = 1 }
END {
    if (kills == 0 || cuts == 0) failed = 1
    printf "crash: n = %d kills in %d scenes, %d power cuts, %d violations; %d flushes in one settlement%s\n", kills, scenes, cuts, violations, flushes, failed ? "; FAILED, see above" : ""
    exit failed
}
