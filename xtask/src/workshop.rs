//! The place of work: the checkout, the cache of tools, and the commands run there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

/// A checkout, the folder where its tools are kept, and the clock of this job.
pub(crate) struct Workshop {
    root: PathBuf,
    cache: PathBuf,
    started: Instant,
}

impl Workshop {
    /// Opens the checkout that cargo runs this program for. Where it was built does not say:
    /// checkouts that share a build folder share the program.
    pub(crate) fn open() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("cargo did not start this program; run it as `cargo xtask`")?;
        let root = Path::new(&package)
            .parent()
            .context("the xtask package lies in the root of the workspace")?
            .to_owned();
        let cache = match (std::env::var_os("SEGUE_CACHE"), std::env::var_os("HOME")) {
            (Some(cache), _) => std::path::absolute(cache)?,
            (None, Some(home)) => Path::new(&home).join(".cache/segue"),
            (None, None) => bail!("neither SEGUE_CACHE nor HOME says where tools may be kept"),
        };
        Ok(Self {
            root,
            cache,
            started: Instant::now(),
        })
    }

    /// The root of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for tools, shared by all checkouts of this user.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Whether the checkout has `path`, relative to its root.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The cargo that started this job.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command.current_dir(&self.root);
        command
    }

    /// Any other program, run in the root of the checkout.
    pub(crate) fn program(&self, name: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root);
        command
    }

    /// Prints one line with the time since the job began.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        let seconds = self.started.elapsed().as_secs();
        println!(
            "[{:>2}:{:02}] {}",
            seconds / 60,
            seconds % 60,
            line.as_ref()
        );
    }

    /// Prints the command, runs it with its output shown, and prints how long it took.
    ///
    /// # Errors
    /// When the program is not found or does not exit with 0.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        self.run_last(command)?;
        self.say("  ok");
        Ok(())
    }

    /// As [`Workshop::run`], with the command's own last line as the last line.
    pub(crate) fn run_last(&self, command: &mut Command) -> Result<()> {
        let line = command_line(command);
        self.say(format!("$ {line}"));
        let status = command
            .status()
            .with_context(|| format!("cannot start `{line}`"))?;
        ensure!(status.success(), "`{line}` failed ({status})");
        Ok(())
    }
}

/// What the command prints when it succeeds; `None` when it fails or does not exist.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// A folder beside `place` in which it is prepared, removed with what is left in it when dropped.
/// What is whole is moved out of it, so that `place` never holds half of a tool.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn beside(place: &Path) -> Result<Self> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let path = place.with_file_name(format!("{name}.{}.partial", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot create {path:?}"))?;
        Ok(Self(path))
    }

    /// A path inside the folder.
    pub(crate) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The first program of this name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The command as a person would type it: program and arguments.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .map(|word| {
            if word.contains(' ') {
                format!("'{word}'").into()
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/segue");
        command.args(["generate", "two sheep"]);
        assert_eq!(command_line(&command), "segue generate 'two sheep'");
    }

    #[test]
    fn what_is_left_in_a_scratch_folder_goes_with_it() {
        let place = std::env::temp_dir().join(format!("segue-xtask-{}", std::process::id()));
        let scratch = Scratch::beside(&place).unwrap();
        let whole = scratch.join("whole");
        fs::write(&whole, "tool").unwrap();
        fs::write(scratch.join("left over"), "half a tool").unwrap();
        fs::rename(&whole, &place).unwrap();
        let folder = scratch.join("");
        drop(scratch);
        assert!(!folder.exists());
        assert_eq!(fs::read_to_string(&place).unwrap(), "tool");
        fs::remove_file(&place).unwrap();
    }

    #[test]
    fn a_command_that_fails_gives_no_answer() {
        assert_eq!(
            answer(Command::new("sh").args(["-c", "echo no; exit 1"])),
            None
        );
        assert_eq!(answer(&mut Command::new("no-such-program")), None);
        assert_eq!(
            answer(Command::new("sh").args(["-c", "echo yes"])),
            Some("yes".to_owned())
        );
    }
}
