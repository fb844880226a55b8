# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpaccept.fish - completion of tcpaccept's command line for fish

# The rest of a list with commas, after what is there of it.
function __tcpaccept_list
    set -l before (string replace -rf '^(.*,)?[^,]*$' '$1' -- (commandline -ct))
    printf '%s\n' $before$argv
end

function __tcpaccept_columns
    __tcpaccept_list (tcpaccept --list-columns | string replace -r ' .*' '')
end

complete -c tcpaccept -f
complete -c tcpaccept -s p -l pid -x -a '(__fish_complete_pids)' -d 'Accepted by these processes'
complete -c tcpaccept -s P -l port -x -d 'To these local ports'
complete -c tcpaccept -s R -l raddr -x -d 'From these addresses or networks'
complete -c tcpaccept -s 4 -l ipv4 -d 'IPv4 only'
complete -c tcpaccept -s 6 -l ipv6 -d 'IPv6 only'
complete -c tcpaccept -s c -l comm -x -d 'Accepted by a thread or process of this name'
complete -c tcpaccept -s u -l uid -x -a '(__fish_complete_users)' -d 'Accepted by these users'
complete -c tcpaccept -l netns -r -F -d 'In this network namespace'
complete -c tcpaccept -l cgroup -r -F -d 'In this cgroup v2'
complete -c tcpaccept -l container -x -d 'In this container'
complete -c tcpaccept -l cgroupmap -r -F -d 'In a map of cgroup IDs'
complete -c tcpaccept -l mntnsmap -r -F -d 'In a map of mount namespaces'
complete -c tcpaccept -s t -l timestamp -d 'Add TIME(s)'
complete -c tcpaccept -s T -l time -d 'Add TIME'
complete -c tcpaccept -s o -l output -x -a '(__tcpaccept_columns)' -d 'Print these columns'
complete -c tcpaccept -l list-columns -d 'Print the columns, and exit'
complete -c tcpaccept -s H -l no-header -d 'Print rows only'
complete -c tcpaccept -s w -l wide -d 'Make room for IPv6 addresses'
complete -c tcpaccept -l tsv -d 'Print tabs between columns'
complete -c tcpaccept -s j -l json -d 'Print JSON'
complete -c tcpaccept -s n -l rows -x -d 'Stop after so many rows'
complete -c tcpaccept -s d -l duration -x -d 'Stop after this time'
complete -c tcpaccept -s C -l summary -d 'Print counts instead of rows'
complete -c tcpaccept -l strict -d 'Exit with 3 if anything is missing'
complete -c tcpaccept -l listeners -d 'Show who listens'
complete -c tcpaccept -l check -d 'Test what works on this machine'
complete -c tcpaccept -s q -l quiet -d 'No notes'
complete -c tcpaccept -s v -l verbose -d 'Explain how accepts are traced'
complete -c tcpaccept -l probe -x -a 'graft inet-accept csk-return syscall cgroup ftrace poll' -d 'Trace only by this rung'
complete -c tcpaccept -l pace -x -d 'How often to print rows, in ms'
complete -c tcpaccept -l ring -x -d 'Buffer for each CPU, in pages'
complete -c tcpaccept -l no-btf -d "Ignore the kernel's BTF"
complete -c tcpaccept -s h -d 'Print the shortest help'
complete -c tcpaccept -l help -d 'Print the help'
complete -c tcpaccept -s V -l version -d 'Print the version'
