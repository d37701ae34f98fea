# The command line of a script in deploy/, whose head says what it takes.

# The head's comment.
usage() { sed -n '2,${/^#/!q;s/^# \{0,1\}//p}' "$0"; }

# misused TEXT
misused() {
  printf '%s\n\n' "$*" >&2
  usage >&2
  exit 2
}

declare -A given=() # the options that were given
words=()            # the rest

# parse_arguments TAKES ARGUMENT…: TAKES names the options, such as '--kill --no-wait', and holds WORDS where others
# are taken too. --state and --help are everybody's.
parse_arguments() {
  local takes=" $1 " state=
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage; exit 0 ;;
      --state)
        [ -n "${2:-}" ] || misused '--state wants a folder'
        state=$2
        shift
        ;;
      -*) [[ $takes == *" $1 "* ]] || misused "$1: unknown"; given[$1]=1 ;;
      *) [[ $takes == *' WORDS '* ]] || misused "$1: unexpected"; words+=("$1") ;;
    esac
    shift
  done
  use_state "$state"
}
