//! Passwords: Argon2id on one thread of low priority with a reused buffer, a short queue and a deadline.
//!
//! Hashing where requests are served starves every reader (measured: docs/adr/0003-passwords.md).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::oneshot;

use super::tokens;
use crate::base::error::{Error, Result, UNAVAILABLE};

/// The longest password, in bytes.
pub const LONGEST: usize = 128;
/// The shortest password, in characters (NIST SP 800-63B).
pub const SHORTEST: u64 = 8;

const QUEUE: usize = 64;
const DEADLINE: Duration = Duration::from_secs(5);
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// A password that fits.
#[derive(Debug)]
pub struct Fit {
    /// A new hash, where the stored one has other parameters than today's.
    pub renewed: Option<String>,
}

enum Task {
    Hash(SecretString, oneshot::Sender<Result<String>>),
    Verify(SecretString, Option<String>, oneshot::Sender<Result<Option<Fit>>>),
}

/// The hashing thread. Clones share it; it ends with the last.
#[derive(Clone)]
pub struct Passwords(Arc<SyncSender<(Task, Instant)>>);

impl Passwords {
    /// Starts the thread.
    pub fn start() -> Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let worker = Worker::new()?;
        std::thread::Builder::new()
            .name("passwords".to_owned())
            .spawn(move || worker.run(&receiver))
            .map_err(Error::internal)?;
        Ok(Self(Arc::new(sender)))
    }

    /// A PHC string of the password with a fresh salt. 503 when too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String> {
        let (answer, wait) = oneshot::channel();
        self.send(Task::Hash(password, answer))?;
        wait.await.map_err(|_| UNAVAILABLE)?
    }

    /// Whether the password fits. Without a hash (no such account) the work is the same and the answer no.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<Option<Fit>> {
        let (answer, wait) = oneshot::channel();
        self.send(Task::Verify(password, hash, answer))?;
        wait.await.map_err(|_| UNAVAILABLE)?
    }

    fn send(&self, task: Task) -> Result<()> {
        self.0.try_send((task, Instant::now())).map_err(|error| match error {
            TrySendError::Full(_) => UNAVAILABLE.into(),
            TrySendError::Disconnected(_) => Error::internal("the hashing thread has ended"),
        })
    }
}

struct Worker {
    argon: Argon2<'static>,
    buffer: Vec<Block>,
    nobody: String,
}

impl Worker {
    fn new() -> Result<Self> {
        let params =
            Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|error| Error::internal(error.to_string()))?;
        let buffer = vec![Block::default(); params.block_count()];
        let mut worker =
            Self { argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), buffer, nobody: String::new() };
        let unknown = SecretString::from("nobody has this password");
        worker.nobody = worker.hash(&unknown)?;
        Ok(worker)
    }

    fn run(mut self, tasks: &Receiver<(Task, Instant)>) {
        // On Linux the calling thread's own niceness; elsewhere a refusal changes nothing but the priority.
        let _ = rustix::process::nice(10);
        while let Ok((task, since)) = tasks.recv() {
            let late = since.elapsed() > DEADLINE;
            // Whoever gave up waiting is not told.
            match task {
                Task::Hash(_, answer) if late => drop(answer.send(Err(UNAVAILABLE.into()))),
                Task::Verify(_, _, answer) if late => drop(answer.send(Err(UNAVAILABLE.into()))),
                Task::Hash(password, answer) => drop(answer.send(self.hash(&password))),
                Task::Verify(password, hash, answer) => drop(answer.send(self.check(&password, hash.as_deref()))),
            }
        }
    }

    fn hash(&mut self, password: &SecretString) -> Result<String> {
        let broken = |error: &dyn std::fmt::Display| Error::internal(error.to_string());
        let salt = tokens::random()?;
        let salt = Salt::new(salt.get(..16).unwrap_or_default()).map_err(|error| broken(&error))?;
        let mut out = [0; 32];
        self.fill(&self.argon.clone(), password, salt.as_ref(), &mut out)?;
        let hash = PasswordHash {
            algorithm: Ident::new("argon2id").map_err(|error| broken(&error))?,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(self.argon.params()).map_err(|error| broken(&error))?,
            salt: Some(salt),
            hash: Some(Output::new(&out).map_err(|error| broken(&error))?),
        };
        Ok(hash.to_string())
    }

    /// A password that fits is hashed anew only where its hash is of other parameters than today's.
    fn check(&mut self, password: &SecretString, hash: Option<&str>) -> Result<Option<Fit>> {
        if !self.verify(password, hash)? {
            return Ok(None);
        }
        let renewed = match self.is_current(hash.unwrap_or_default())? {
            true => None,
            false => Some(self.hash(password)?),
        };
        Ok(Some(Fit { renewed }))
    }

    fn is_current(&self, hash: &str) -> Result<bool> {
        let broken = |error: &dyn std::fmt::Display| Error::internal(error.to_string());
        let parsed = PasswordHash::new(hash).map_err(|error| broken(&error))?;
        let params = Params::try_from(&parsed).map_err(|error| broken(&error))?;
        let today = self.argon.params();
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        Ok(parsed.algorithm.as_str() == "argon2id" && cost(&params) == cost(today))
    }

    fn verify(&mut self, password: &SecretString, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let text = hash.unwrap_or(&self.nobody).to_owned();
        let parsed = PasswordHash::new(&text).map_err(|error| Error::internal(error.to_string()))?;
        let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else { return Ok(false) };
        // With the parameters of its day, which its PHC string tells.
        let params = Params::try_from(&parsed).map_err(|error| Error::internal(error.to_string()))?;
        let mut out = [0; 32];
        self.fill(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params), password, salt.as_ref(), &mut out)?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(&out, expected.as_ref()).is_ok();
        Ok(same && known)
    }

    fn fill(&mut self, argon: &Argon2<'_>, password: &SecretString, salt: &[u8], out: &mut [u8; 32]) -> Result<()> {
        if self.buffer.len() < argon.params().block_count() {
            self.buffer.resize(argon.params().block_count(), Block::default());
        }
        argon
            .hash_password_into_with_memory(password.expose_secret().as_bytes(), salt, out, &mut self.buffer)
            .map_err(|error| Error::internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_other_parameters_still_fits() {
        let mut worker = Worker::new().unwrap();
        let password = SecretString::from("homecoming");
        let params = Params::new(32_768, 1, 1, Some(32)).unwrap();
        let today = std::mem::replace(&mut worker.argon, Argon2::new(Algorithm::Argon2id, Version::V0x13, params));
        let old = worker.hash(&password).unwrap();
        assert!(old.contains("m=32768,t=1"), "{old}");
        worker.argon = today;
        assert!(worker.verify(&password, Some(&old)).unwrap());
        assert!(!worker.verify(&SecretString::from("else"), Some(&old)).unwrap());
        let new = worker.hash(&password).unwrap();
        assert!(worker.verify(&password, Some(&new)).unwrap() && !worker.verify(&password, None).unwrap());
        // Only what is old is hashed anew, and only for who knows it.
        let renewed = worker.check(&password, Some(&old)).unwrap().unwrap().renewed.unwrap();
        assert!(renewed.contains(&format!("m={MEMORY_KIB},t={PASSES}")), "{renewed}");
        assert!(worker.check(&password, Some(&renewed)).unwrap().unwrap().renewed.is_none());
        assert!(worker.check(&SecretString::from("else"), Some(&old)).unwrap().is_none());
    }
}
