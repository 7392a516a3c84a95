//! `segue serve`, with networks of random weights, held against docs/openapi.json.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use segue_data::manifest::colour_table;
use segue_data::png_file::encode_indexed;
use segue_scene::palette::Palette;
use serde_json::{Value, json};

use crate::studio::Studio;
use crate::{fail, segue};

/// A running server; it is killed when it is dropped.
struct Server {
    child: Child,
    address: String,
    studio: Studio,
}

/// An answer.
struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

impl Server {
    fn start(more: &[&str]) -> Self {
        let studio = Studio::new();
        let dist = studio.path("dist");
        fs::create_dir_all(&dist).unwrap();
        fs::write(
            dist.join("index.html"),
            "<!doctype html><title>Segue</title>",
        )
        .unwrap();
        fs::write(dist.join("index.html.br"), "not really compressed").unwrap();
        let mut command = segue(["serve", "--addr", "127.0.0.1:0", "--weights"]);
        command
            .arg(studio.path("weights"))
            .arg("--dist")
            .arg(&dist)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches('/');
        Self {
            address: address.to_owned(),
            child,
            studio,
        }
    }

    /// Sends a request and closes nothing: the answer is read later.
    fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> TcpStream {
        let address = self.address.to_socket_addrs().unwrap().next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for header in headers {
            text.push_str(&format!("{header}\r\n"));
        }
        text.push_str(&format!(
            "Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut all = Vec::new();
        self.send(method, path, headers, body)
            .read_to_end(&mut all)
            .unwrap();
        let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let headers = String::from_utf8(all[..end].to_vec())
            .unwrap()
            .to_lowercase();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        let mut body = all[end + 4..].to_vec();
        if headers.contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        Answer {
            status,
            headers,
            body,
        }
    }

    fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers, "")
    }

    fn generate(&self, body: &Value, headers: &[&str]) -> Answer {
        let headers = [&["Content-Type: application/json"], headers].concat();
        self.ask("POST", "/api/v1/generate", &headers, &body.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended by itself needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        whole.extend(&body[end + 2..end + 2 + length]);
        body = &body[end + 2 + length + 2..];
    }
    whole
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.headers
            .lines()
            .find_map(|line| line.strip_prefix(start.as_str()))
    }
}

/// The description's schema of that name, with the others that it refers to.
fn schema(api: &Value, name: &str) -> jsonschema::Validator {
    let mut document = api.clone();
    document["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::validator_for(&document).unwrap()
}

#[track_caller]
fn assert_valid(api: &Value, name: &str, value: &Value) {
    let errors: Vec<String> = schema(api, name)
        .iter_errors(value)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
}

const SMALL: &str = r#"{"prompt": "a red car", "steps": 1, "plans": 1, "seed": 3}"#;

#[test]
fn the_description_holds_of_the_running_server() {
    let server = Server::start(&[]);
    let api = server.get("/api/v1/openapi.json", &[]).json();
    assert_valid(&api, "Health", &server.get("/healthz", &[]).json());

    let body: Value = serde_json::from_str(SMALL).unwrap();
    assert_valid(&api, "Request", &body);
    let answer = server.generate(&body, &[]);
    assert_eq!(answer.status, 200);
    let result = answer.json();
    assert_valid(&api, "Result", &result);
    assert_eq!(result["verdict"]["seed"], 3);

    let documented = &api["paths"]["/api/v1/generate"]["post"]["responses"];
    let long = "a".repeat(1001);
    for (body, expected) in [
        (json!({"prompt": "a car", "steps": 0}), 400),
        (json!({"prompt": long}), 400),
        (json!({"prompt": "a car", "plan": {"objects": 1}}), 400),
        (json!({"prompt": "a car", "size": 4096}), 422),
        (json!({"prompt": "a car", "plan": "x".repeat(300_000)}), 413),
    ] {
        let answer = server.generate(&body, &[]);
        assert_eq!(
            answer.status,
            expected,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        assert!(documented[expected.to_string()].is_object(), "{expected}");
        assert_valid(&api, "Error", &answer.json());
    }
    let missing = server.get("/nothing", &[]);
    assert_eq!(missing.status, 404);
    assert_valid(&api, "Error", &missing.json());
    let metrics = server.get("/metrics", &[]);
    let metrics = String::from_utf8(metrics.body).unwrap();
    assert!(
        metrics.contains("segue_responses_total{route=\"/api/v1/generate\",status=\"200\"} 1"),
        "{metrics}"
    );
}

#[test]
fn an_edited_plan_is_drawn_as_it_is() {
    let server = Server::start(&[]);
    let body: Value = serde_json::from_str(SMALL).unwrap();
    let mut plan = server.generate(&body, &[]).json()["plan"].clone();
    plan["objects"].as_array_mut().unwrap().truncate(1);
    let body = json!({"prompt": "a red car", "steps": 1, "plan": plan});
    assert_eq!(server.generate(&body, &[]).json()["plan"], plan);
}

#[test]
fn a_painted_map_is_drawn_as_it_is() {
    let server = Server::start(&[]);
    let body: Value = serde_json::from_str(SMALL).unwrap();
    let plan = server.generate(&body, &[]).json()["plan"].clone();
    let [width, height] = ["width", "height"].map(|side| plan[side].as_u64().unwrap() as usize);
    let painted = |class: u8, pixels: usize| {
        let layer = |value: u8| BASE64_STANDARD.encode(vec![value; pixels]);
        let map = json!({
            "width": width, "height": height, "classes": layer(class), "instances": layer(0),
        });
        server.generate(
            &json!({"prompt": "a red car", "steps": 1, "plan": plan, "map": map}),
            &[],
        )
    };
    let grass = 6;
    let result = painted(grass, width * height).json();
    let expected = encode_indexed(
        width as u32,
        height as u32,
        &vec![grass; width * height],
        &colour_table(Palette::scene()),
    );
    assert_eq!(result["segmap"], BASE64_STANDARD.encode(expected));

    let alone = json!({"prompt": "a red car", "map": {
        "width": 1, "height": 1, "classes": "AA==", "instances": "AA==",
    }});
    for answer in [
        painted(200, width * height),
        painted(grass, 7),
        server.generate(&alone, &[]),
    ] {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error"]["code"], "bad-map");
    }
}

#[test]
fn progress_comes_as_events() {
    let server = Server::start(&[]);
    let body: Value = serde_json::from_str(SMALL).unwrap();
    let answer = server.generate(&body, &["Accept: text/event-stream"]);
    let text = String::from_utf8(answer.body).unwrap();
    let api = server.get("/api/v1/openapi.json", &[]).json();
    let mut events = Vec::new();
    for block in text
        .split("\n\n")
        .filter(|block| block.starts_with("event"))
    {
        let (event, data) = block.split_once('\n').unwrap();
        let event = event.trim_start_matches("event: ");
        let data: Vec<&str> = data
            .lines()
            .map(|l| l.trim_start_matches("data: "))
            .collect();
        let data: Value = serde_json::from_str(&data.join("\n")).unwrap();
        assert_valid(
            &api,
            if event == "done" {
                "Result"
            } else {
                "Progress"
            },
            &data,
        );
        events.push(match event {
            "progress" => data["stage"].as_str().unwrap().to_owned(),
            other => other.to_owned(),
        });
    }
    events.dedup();
    assert_eq!(
        events,
        ["parse", "plan", "map", "picture", "verdict", "done"]
    );
}

#[test]
fn a_full_queue_and_a_greedy_client_are_told_when_to_come_again() {
    let slow = json!({"prompt": "a red car", "steps": 50, "plans": 16}).to_string();
    let headers = ["Content-Type: application/json"];
    // Of eight requests at once, those that are refused with a status.
    let refused = |options: &[&str], status: &str| -> Vec<String> {
        let server = Server::start(options);
        // Held open: a request whose client goes is dropped.
        let waiting: Vec<TcpStream> = (0..8)
            .map(|_| server.send("POST", "/api/v1/generate", &headers, &slow))
            .collect();
        let answers = waiting.into_iter().map(|mut stream| {
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text.to_lowercase()
        });
        answers
            .filter(|a| a.starts_with(&format!("http/1.1 {status}")))
            .collect()
    };
    let full = refused(&["--queue", "1", "--per-client", "64"], "503");
    assert!(!full.is_empty());
    assert!(full[0].contains("retry-after: 10") && full[0].contains("\"busy\""));
    let greedy = refused(&["--per-client", "1"], "429");
    assert!(!greedy.is_empty());
    assert!(greedy[0].contains("retry-after: "));
}

#[test]
fn files_are_cached_by_their_hash_and_come_in_ranges() {
    let server = Server::start(&[]);
    let path = "/weights/tiny/mapper-0.bin";
    let whole = server.get(path, &[]);
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(whole.header("cache-control"), Some("no-cache"));
    let same = fs::read(server.studio.path("weights/mapper-0.bin")).unwrap();
    assert_eq!(whole.body, same);

    let known = server.get(path, &[&format!("If-None-Match: {tag}")]);
    assert_eq!((known.status, known.body.len()), (304, 0));
    let named = server.get(&format!("{path}?sha256={}", tag.trim_matches('"')), &[]);
    assert!(named.header("cache-control").unwrap().contains("immutable"));

    let part = server.get(path, &["Range: bytes=10-19", &format!("If-Range: {tag}")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &same[10..20]));
    let changed = server.get(path, &["Range: bytes=10-19", "If-Range: \"other\""]);
    assert_eq!((changed.status, changed.body.len()), (200, same.len()));
}

#[test]
fn the_page_is_compressed_and_guarded() {
    let server = Server::start(&[]);
    let page = server.get("/", &["Accept-Encoding: br"]);
    assert_eq!(page.header("content-encoding"), Some("br"));
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("wasm-unsafe-eval")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("access-control-allow-origin"), Some("*"));
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/weights/manifest.json",
        "/weights/tiny/../../x",
    ] {
        assert_eq!(server.get(path, &[]).status, 404, "{path}");
    }
    assert_eq!(server.ask("DELETE", "/", &[], "").status, 405);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_stop_finishes_what_it_has_begun() {
    let mut server = Server::start(&[]);
    let mut stream = server.send(
        "POST",
        "/api/v1/generate",
        &["Content-Type: application/json"],
        SMALL,
    );
    thread::sleep(Duration::from_millis(100));
    let kill = std::process::Command::new("kill")
        .arg(server.child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn an_address_that_cannot_be_had_is_named() {
    let studio = Studio::new();
    let weights = studio.path("weights");
    let error = fail([
        "serve",
        "--addr",
        "nowhere:99999",
        "--weights",
        weights.to_str().unwrap(),
    ]);
    assert!(
        error.contains("cannot listen on `nowhere:99999`"),
        "{error}"
    );
}
