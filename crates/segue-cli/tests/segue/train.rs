//! Every stage of `nano`, as short as can be, from nothing to a picture.

use std::fs;

use serde_json::{Value, json};

use crate::{fail, run, succeed};

/// The keys of the stages in the configuration.
pub(crate) const STAGES: [&str; 11] = [
    "segmenter",
    "judge_a",
    "judge_b",
    "planner",
    "mapper",
    "autoencoder",
    "judge_a_tuned",
    "judge_b_tuned",
    "segmenter_tuned",
    "denoiser",
    "supervised",
];

/// `segue train` of stages of so many images each.
pub(crate) fn train(
    out: &str,
    device: &str,
    stages: &str,
    images: u64,
    more: &[&str],
) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "train", "--preset", "nano", "--device", device, "--out", out,
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend(["--stage".to_owned(), stages.to_owned()]);
    let mut set = |key: &str, value: u64| {
        arguments.extend(["--set".to_owned(), format!("{key}={value}")]);
    };
    set("held_out", 2);
    for stage in STAGES {
        set(&format!("{stage}.run.images"), images);
        set(&format!("{stage}.run.batch"), 8);
        set(&format!("{stage}.run.log_every"), 8);
        set(&format!("{stage}.optimize.images"), images);
    }
    set("supervision.warmup_images", 8);
    set("supervision.ramp_images", 8);
    set("supervision.every_images", 8);
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    arguments
}

/// The losses that a stage's folder records.
pub(crate) fn losses(folder: &std::path::Path) -> Vec<f64> {
    let lines = fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
    let values = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let trained = values.filter(|value: &Value| value["kind"] == "train");
    trained
        .map(|value| value["loss"].as_f64().unwrap())
        .collect()
}

#[test]
fn all_stages_lead_to_weights_that_draw_and_can_be_trained_on() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (folder, weights) = (path("run"), path("weights"));
    // One stage long enough to see it learn, then all of them.
    succeed(train(&folder, "cpu", "mapper", 40, &[]));
    let losses = losses(&place.path().join("run/mapper"));
    assert!(losses[losses.len() - 1] < losses[0], "{losses:?}");
    succeed(train(&folder, "cpu", "all", 8, &["--resume"]));

    let cost = succeed(["quantize", &folder, "--out", &weights, "--compare", "2"]);
    assert!(cost.contains("fall of the verdict score"), "{cost}");
    let card = fs::read_to_string(place.path().join("weights/README.md")).unwrap();
    assert!(card.contains("PSNR of pictures"), "{card}");
    let adversarial = [
        "--denoiser",
        "denoiser-adversarial",
        "--variant",
        "adversarial",
    ];
    let arguments = ["quantize", &folder, "--out", &weights];
    succeed(arguments.into_iter().chain(adversarial));
    for more in [&[][..], &["--variant", "adversarial"]] {
        let out = path("out");
        let arguments = [
            "generate",
            "two red cars",
            "--weights",
            &weights,
            "--out",
            &out,
            "--json",
        ];
        let verdict = succeed(arguments.into_iter().chain(more.iter().copied()));
        let verdict: Value = serde_json::from_str(&verdict).unwrap();
        assert_eq!(verdict["judge"], "B");
        assert_eq!(
            verdict["clauses"][0]["plan"],
            json!({"held": true, "found": 2})
        );
    }

    // Training goes on elsewhere, with what the bundle brings: the denoiser needs all of it.
    let elsewhere = path("elsewhere");
    let more = ["--resume", "--init", &weights];
    succeed(train(&elsewhere, "cpu", "denoiser", 8, &more));
    let missing = run(train(&path("third"), "cpu", "denoiser", 8, &[]));
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("train it first"), "{}", missing.err);
    let usage = run(train(
        &path("third"),
        "cpu",
        "denoiser",
        8,
        &["--init", &weights],
    ));
    assert_eq!(usage.code, 2, "{}", usage.err);
}

#[test]
fn a_fitted_run_is_interrupted_and_goes_on_here_and_elsewhere() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let fit = |out: &str, more: &[&str]| {
        let mut arguments = vec!["train", "--preset", "nano", "--device", "cpu", "--out", out];
        arguments.extend(["--stage", "judge-b", "--fit", "0.005", "--batch", "4"]);
        arguments.extend(["--resume", "--set", "held_out=2"]);
        arguments.extend(more);
        run(arguments)
    };
    let (here, weights, elsewhere) = (path("run"), path("weights"), path("elsewhere"));
    let stopped = fit(&here, &["--minutes", "0"]);
    let hint = "stopped; go on with --resume";
    assert!(stopped.err.contains(hint), "{}", stopped.err);
    assert_eq!(fit(&here, &[]).code, 0);
    let config = fs::read(place.path().join("run/config.json")).unwrap();
    let parsed: Value = serde_json::from_slice(&config).unwrap();
    let images = parsed["judge_b"]["run"]["images"].as_u64().unwrap();
    assert!((40..1600).contains(&images), "{images}");
    assert_eq!(parsed["judge_b"]["run"]["batch"], 4);

    // With the weights and the configuration alone, the stage is known to have ended.
    succeed(["quantize", &here, "--out", &weights]);
    fs::create_dir(&elsewhere).unwrap();
    fs::write(place.path().join("elsewhere/config.json"), config).unwrap();
    let gone_on = fit(&elsewhere, &["--go-on", &weights]);
    let seen = (gone_on.code, gone_on.out.as_str());
    assert_eq!(seen, (0, ""), "{}", gone_on.err);
}

#[test]
fn devices_share_a_batch_or_it_is_said_why_they_cannot() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().to_str().unwrap();
    let on = |devices: &str| train(out, "cpu", "judge-b", 16, &["--devices", devices]);
    let absent = fail(on("0,1"));
    assert!(absent.contains("no device 1 of `cpu`"), "{absent}");
    assert!(absent.contains("hint: there are 1"), "{absent}");
    let uneven = fail(on("0,0,0"));
    assert!(
        uneven.contains("3 devices cannot share the 8 images"),
        "{uneven}"
    );
    let summary = succeed(on("0,0").into_iter().chain(["--recompute".to_owned()]));
    assert!(summary.contains("16 of 16"), "{summary}");
}
