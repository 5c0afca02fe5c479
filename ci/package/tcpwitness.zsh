#compdef tcpwitness
# zsh completion for tcpwitness. Commands and options are those that the installed program itself names in --help.
_tcpwitness() {
    local command=
    (( CURRENT > 2 )) && command=$words[2]
    local -a found
    if [[ -z $command && $PREFIX != -* ]]; then
        found=(${(f)"$(tcpwitness --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)/\1:\2/p')"})
        _describe command found
    elif [[ $PREFIX == -* ]]; then
        found=(${(f)"$(tcpwitness $command --help 2>/dev/null | sed -n 's/^  \(-[^ ]*\).*/\1/p' | sed 's/:.*//' | tr ',' '\n')"})
        compadd -- $found
    elif [[ $command == (list|run|check|plan) ]]; then
        _files -g '*.yaml'
    else
        _files
    fi
}
_tcpwitness "$@"
