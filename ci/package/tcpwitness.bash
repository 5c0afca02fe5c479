# bash completion for tcpwitness. Commands and options are those that the installed program itself names in --help.
_tcpwitness() {
    local current=${COMP_WORDS[COMP_CWORD]} command=
    [ "$COMP_CWORD" -gt 1 ] && command=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ -z "$command" ] && [[ $current != -* ]]; then
        local commands
        commands=$(tcpwitness --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
    elif [[ $current == -* ]]; then
        local options
        options=$(tcpwitness ${command:+"$command"} --help 2>/dev/null | sed -n 's/^  \(-[^ ]*\).*/\1/p' | sed 's/:.*//' | tr ',' '\n')
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ $command == list || $command == run || $command == check || $command == plan ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.yaml' -- "$current")
    else
        compopt -o default
    fi
}
complete -F _tcpwitness tcpwitness
