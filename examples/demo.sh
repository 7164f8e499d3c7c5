#!/bin/sh
# Runs the main job on a copy of examples/matrix, in a git repository of its own, without a model.
# Usage: PYTHON=path/to/python examples/demo.sh   (make demo sets that up)
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

for tool in git make "${CC:-cc}"; do
    if ! command -v "$tool" > /dev/null; then
        echo "demo: '$tool' is needed and was not found; on Debian or Ubuntu: apt install git make gcc" >&2
        exit 2
    fi
done

copy=$(mktemp -d "${TMPDIR:-/tmp}/pesquared-demo.XXXXXX")/matrix
cp -R "$project/examples/matrix" "$copy"
rm -rf "$copy/build"
cd "$copy"
# Nothing of the user's own git configuration may get in the way: identity, signing, hooks, the default branch.
git init -q
git symbolic-ref HEAD refs/heads/main
git add -A
git -c user.name='PESquared demo' -c user.email=demo@example.invalid -c commit.gpgSign=false \
    -c core.hooksPath=/dev/null commit -q -m 'Look two trips ahead in a network of stations'

echo "A copy of examples/matrix, as a git repository of its own: $copy"
echo "\$ python main.py $copy $copy/stacks --bench ./build/bench --test 'make test' --provider rules"
status=0
"$python" "$project/main.py" "$copy" "$copy/stacks" \
    --bench ./build/bench --test 'make test' --provider rules || status=$?

best=$(git for-each-ref --format='%(refname:short)' 'refs/heads/pesq/*/best')
if [ -n "$best" ]; then
    echo
    echo "What the branch $best changes:"
    git --no-pager diff "main..$best"
    echo
    echo "Take it:     git -C $copy merge $best"
fi
echo "The copy stays in $copy; remove it with: rm -rf $(dirname "$copy")"
exit "$status"
