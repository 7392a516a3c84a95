#!/usr/bin/env bash
# Runs Segue on a machine with a GPU: no Rust, no network. Needs bash, coreutils, tar, xz; python3 with
# PyTorch if there is one.
#
#   bash run.sh             the steps, and which of them are done
#   bash run.sh next        the next step; ends with 3 when there is none left
#   bash run.sh STEP...     these steps, done or not
#   bash run.sh all         every step that is left
#
# Each step takes at most STEP_MINUTES and leaves its results in RESULTS. `train` goes on where it
# stopped, as often as MINUTES demand.
#
#   DEVICE=cuda          cuda, vulkan, cpu, or libtorch where the program has it
#   PRESET=tiny          nano, tiny, base
#   MINUTES=24           of training in all; stages are shortened to fit
#   STEP_MINUTES=8       of one step
#   BATCH=32             images in a batch
#   LIMIT=300            prompts of the evaluation
#   TOLERANCE=0.02       of numbers against the CPU's: GPUs multiply in fewer bits
#   SECONDS_EACH=1       of each measured speed
#   BASES="tiny base"    presets whose speed is measured
#   FROM=                folder with the packed files of an earlier kit, to go on from
#   PYTHON=python3       with PyTorch
#   RESULTS=results
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

device=${DEVICE:-cuda}
preset=${PRESET:-tiny}
minutes=${MINUTES:-24}
step_minutes=${STEP_MINUTES:-8}
batch=${BATCH:-32}
results=${RESULTS:-results}
python=${PYTHON:-python3}
each=${SECONDS_EACH:-1}
read -ra bases <<<"${BASES:-tiny base}"
run=$results/runs/$preset
weights=$results/weights/$preset
steps=(unpack check speed batch torch torch-compiled beside train quantize eval pack)

say() { echo "[$(date +%H:%M:%S)] $*"; }

# Whether a step is done. What depends on the preset is done for each.
mark() {
  case $1 in
    train | quantize | eval | pack) echo "$results/done/$1-$preset" ;;
    *) echo "$results/done/$1" ;;
  esac
}

# A command that is ended, as by Ctrl-C, when the step has lasted too long.
limited() {
  local left=$((started + 60 * step_minutes + 20 - SECONDS))
  [ "$left" -gt 5 ] || { say "no time left in this step"; return 124; }
  timeout --signal=INT --kill-after=20 "$left" "$@"
}

segue() { limited ./segue "$@"; }

# The program, and what an earlier kit left.
step_unpack() {
  [ -x segue ] || { xz --decompress --keep --stdout segue.xz >segue.partial && chmod +x segue.partial && mv segue.partial segue; }
  if [ -n "${FROM:-}" ]; then
    cat "$FROM"/results.tar.xz.* | tar --extract --xz --directory "$results"
  fi
  segue info | tee "$results/info.txt"
  { uname -srm; nproc; nvidia-smi || true; } >"$results/machine.txt" 2>&1
}

# Numbers of every network against the CPU's, which were recorded elsewhere.
step_check() {
  local numbers name
  for numbers in numbers-*.json; do
    name=${numbers#numbers-}
    name=${name%.json}
    say "$name on $device"
    segue bench numerics --device "$device" --preset "$name" --against "$numbers" \
      --tolerance "${TOLERANCE:-0.02}" 2>&1 | tee "$results/numbers-$name-$device.txt" ||
      say "LOOK: $device computes other numbers than the CPU"
  done
}

step_speed() {
  local name
  for name in "${bases[@]}"; do
    segue bench speed --device "$device" --preset "$name" --batch "$batch" --seconds "$each" --json \
      >"$results/speed-$name-$device.partial"
    mv "$results/speed-$name-$device.partial" "$results/speed-$name-$device.json"
  done
}

step_batch() {
  segue bench batch --device "$device" --preset "$preset" --seconds "$each" --from "$batch" \
    --to "$((16 * batch))" | tee "$results/batch-$preset-$device.txt"
}

torch_device() { [ "$device" = cuda ] && echo cuda || echo cpu; }

# The same networks in PyTorch, where the machine has it.
with_torch() {
  local name kind=$1
  shift
  if ! "$python" -c 'import torch' 2>/dev/null; then
    say "no PyTorch here ($python); nothing to compare with"
    return 0
  fi
  for name in "${bases[@]}"; do
    limited "$python" twin.py speed --preset "$name" --batch "$batch" --seconds "$each" \
      --device "$(torch_device)" --json "$results/torch-$name-$kind.json" "$@"
  done
}
step_torch() {
  with_torch eager
  [ "$device" != cuda ] || with_torch eager-tf32 --precision high
}
step_torch-compiled() {
  with_torch compiled --compile --precision high || say "PyTorch did not compile all of them"
}

# The table of both.
step_beside() {
  local name file
  for name in "${bases[@]}"; do
    local beside=()
    for file in "$results/torch-$name"-*.json; do
      [ ! -e "$file" ] || beside+=(--beside "$file")
    done
    segue bench speed --device "$device" --preset "$name" --batch "$batch" --seconds "$each" \
      "${beside[@]}" | tee "$results/beside-$name-$device.txt"
  done
}

# Every stage; done when the program no longer stops before its end.
step_train() {
  local log=$results/train-$preset.log go_on=()
  [ ! -e "$weights/manifest.json" ] || go_on=(--go-on "$weights")
  segue train --preset "$preset" --device "$device" --out "$run" --resume --fit "$minutes" \
    --minutes "$((step_minutes - 1))" --batch "$batch" --workers "$(nproc)" "${go_on[@]}" \
    2> >(tee "$log.partial" >&2) | tee -a "$results/train-$preset.txt"
  wait
  cat "$log.partial" >>"$log"
  if grep -q "stopped; go on with --resume" "$log.partial"; then
    say "training goes on in the next step"
    unfinished=1
  fi
}

step_quantize() {
  local arm
  segue quantize "$run" --out "$weights"
  for arm in continue frozen adversarial; do
    [ ! -d "$run/denoiser-$arm" ] ||
      segue quantize "$run" --out "$weights" --denoiser "denoiser-$arm" --variant "$arm"
  done
}

step_eval() {
  segue eval --suite test --limit "${LIMIT:-300}" --weights "$weights" --device "$device" \
    --steps 8,4,1 --record --out "$results/eval/$preset"
}

# What is worth carrying: weights, reports, records. Checkpoints stay: going on elsewhere takes the
# weights and how many images they have seen.
step_pack() {
  local packed=$results/packed bytes
  rm -rf "$packed"
  mkdir -p "$packed"
  tar --create --xz --directory "$results" --exclude=./packed --exclude=./done \
    --exclude=checkpoints --exclude='*.partial' --exclude=./eval/*/pictures . |
    split --bytes=16M --numeric-suffixes --suffix-length=2 - "$packed/results.tar.xz."
  (cd "$packed" && sha256sum results.tar.xz.* >SHA256SUMS)
  bytes=$(du --bytes --summarize "$packed" | cut -f1)
  say "$(ls "$packed" | wc -l) files, $((bytes >> 20)) MiB in $packed"
  [ "$(ls "$packed" | wc -l)" -le 8 ] && [ "$bytes" -le $((60 << 20)) ] ||
    { say "more than 8 files or 60 MiB"; return 1; }
}

perform() {
  local step=$1
  started=$SECONDS unfinished=
  say "$step"
  "step_$step"
  [ -n "$unfinished" ] || touch "$(mark "$step")"
  say "$step: $((SECONDS - started)) seconds"
}

next_step() {
  local step
  for step in "${steps[@]}"; do
    [ -e "$(mark "$step")" ] || { echo "$step"; return; }
  done
}

mkdir -p "$results/done"
case ${1:-} in
  "")
    sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    for step in "${steps[@]}"; do
      [ -e "$(mark "$step")" ] && echo "done   $step" || echo "       $step"
    done
    ;;
  next)
    step=$(next_step)
    [ -n "$step" ] || { say "everything is done"; exit 3; }
    perform "$step"
    ;;
  all) while step=$(next_step) && [ -n "$step" ]; do perform "$step"; done ;;
  *) for step; do perform "$step"; done ;;
esac
