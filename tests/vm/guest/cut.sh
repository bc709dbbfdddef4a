#!/bin/bash
# Applies /run/plan.json, and has the machine end at once, without a word to anybody, when the run's
# journal has so many records.
#
#   cut.sh RECORDS SECONDS_LATER

shopt -s nullglob
journals=(/var/lib/advisor/*.journal)
former=${#journals[@]}
advisor apply /run/plan.json --yes --allow link >/dev/null 2>&1 &
while kill -0 $! 2>/dev/null; do
    sleep 0.02 # one thread emulates all processors
    journals=(/var/lib/advisor/*.journal)
    ((${#journals[@]} > former)) || continue
    mapfile -t records <"${journals[-1]}"
    ((${#records[@]} >= $1)) && break
done
[ "$2" = 0 ] || sleep "$2"
echo b >/proc/sysrq-trigger
