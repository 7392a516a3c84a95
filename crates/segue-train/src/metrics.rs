//! What a run says of itself: JSON lines for programs, CSV for spreadsheets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// One named number of a step: a loss component, a rate, an accuracy.
pub type Measure = (&'static str, f64);

/// The records of one stage: `metrics.jsonl`, one object a record.
#[derive(Debug)]
pub struct Metrics {
    path: PathBuf,
    file: File,
}

impl Metrics {
    /// Opens the records in `folder` to go on after `images_seen` images: records of a later time,
    /// written by a run that was killed after its last checkpoint, are dropped.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn resume(folder: &Path, images_seen: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join("metrics.jsonl");
        if path.exists() {
            let kept: Vec<String> = BufReader::new(File::open(&path)?)
                .lines()
                .collect::<io::Result<Vec<_>>>()?
                .into_iter()
                .filter(|line| images_of(line).is_some_and(|images| images <= images_seen))
                .collect();
            let partial = path.with_extension("partial");
            fs::write(
                &partial,
                kept.iter()
                    .map(|line| format!("{line}\n"))
                    .collect::<String>(),
            )?;
            fs::rename(&partial, &path)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self { path, file })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, images_seen: u64, kind: &str, measures: &[Measure]) -> io::Result<()> {
        let mut record = Map::new();
        record.insert("images_seen".to_owned(), images_seen.into());
        record.insert("kind".to_owned(), kind.into());
        for &(name, value) in measures {
            record.insert(name.to_owned(), value.into());
        }
        // One write a line: a killed run leaves whole lines.
        self.file
            .write_all(format!("{}\n", Value::Object(record)).as_bytes())
    }

    /// Writes the records of a kind (`train` or `validation`) as `KIND.csv` beside the JSON lines,
    /// one column a measure.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn export_csv(&self, kind: &str) -> io::Result<PathBuf> {
        let records: Vec<Map<String, Value>> = BufReader::new(File::open(&self.path)?)
            .lines()
            .collect::<io::Result<Vec<_>>>()?
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|record: &Map<String, Value>| record["kind"] == kind)
            .collect();
        let mut columns: Vec<&str> = vec!["images_seen"];
        for name in records.iter().flat_map(Map::keys) {
            if name != "kind" && !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        let mut text = columns.join(",") + "\n";
        for record in &records {
            let row: Vec<String> = columns
                .iter()
                .map(|&name| record.get(name).map_or(String::new(), Value::to_string))
                .collect();
            text += &(row.join(",") + "\n");
        }
        let path = self.path.with_file_name(format!("{kind}.csv"));
        let partial = path.with_extension("partial");
        fs::write(&partial, text)?;
        fs::rename(&partial, &path)?;
        Ok(path)
    }
}

fn images_of(line: &str) -> Option<u64> {
    serde_json::from_str::<Value>(line)
        .ok()?
        .get("images_seen")?
        .as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_drops_records_after_its_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let mut metrics = Metrics::resume(folder.path(), 0).unwrap();
        for images in [10, 20, 30] {
            metrics.write(images, "train", &[("loss", 0.5)]).unwrap();
        }
        let mut metrics = Metrics::resume(folder.path(), 20).unwrap();
        metrics.write(25, "train", &[("loss", 0.25)]).unwrap();
        let csv = fs::read_to_string(metrics.export_csv("train").unwrap()).unwrap();
        assert_eq!(csv, "images_seen,loss\n10,0.5\n20,0.5\n25,0.25\n");
    }
}
