//! A real Chromium, driven by its own protocol over a pipe.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{sleep, timeout},
};

/// Returns where Chromium is, or says that the test is skipped.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn installed() -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut candidates = env::split_paths(&paths).flat_map(|folder| names.map(|n| folder.join(n)));
    let found = candidates.find(|candidate| candidate.is_file());
    if found.is_none() {
        println!("skipped: no Chromium is installed; `apt-get install chromium` brings one");
    }
    found
}

/// A browser with one page.
pub(crate) struct Browser {
    _process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last_id: u64,
    /// What the page complained of: violations of its policy, exceptions, what was not found.
    pub(crate) complaints: Vec<String>,
    _profile: Profile,
}

impl Browser {
    /// Opens a page.
    pub(crate) async fn open(executable: &Path, name: &str, url: &str) -> Self {
        let profile = Profile::new(name);
        // The protocol is spoken over the files 3 and 4.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>&1"#])
            .arg(executable)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--hide-scrollbars"])
            .args(["--disable-component-update", "--disable-sync", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.0.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("there is a shell");
        let to = process.stdin.take().expect("it is piped");
        let from = BufReader::new(process.stdout.take().expect("it is piped"));
        let complaints = Vec::new();
        let mut browser = Self {
            _process: process,
            to,
            from,
            session: None,
            last_id: 0,
            complaints,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach).await;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.call(domain, json!({})).await;
        }
        browser.call("Page.navigate", json!({ "url": url })).await;
        browser
    }

    /// Evaluates a script, and returns its value.
    pub(crate) async fn eval(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", params).await;
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Evaluates a script to a text.
    pub(crate) async fn text(&mut self, script: &str) -> String {
        let value = self.eval(script).await;
        value.as_str().unwrap_or_else(|| panic!("{script}: {value}")).to_owned()
    }

    /// Waits until a script is true.
    pub(crate) async fn until(&mut self, script: &str) {
        // As long as a busy machine may take.
        for _ in 0..600 {
            // What it looks for may not be there yet.
            let attempt = format!("(() => {{ try {{ return Boolean({script}) }} catch {{}} }})()");
            if self.eval(&attempt).await == json!(true) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let shows = self.eval("document.body.innerText").await;
        panic!("it does not come true: {script}\n{shows}\n{:?}", self.complaints);
    }

    /// Presses a key.
    pub(crate) async fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "End" => 35,
            "Home" => 36,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            _ => panic!("the key {key} has no code here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({ "type": kind, "key": key, "code": key,
                "windowsVirtualKeyCode": code });
            if key == "Enter" && kind == "keyDown" {
                params["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", params).await;
        }
    }

    /// Chooses the colours that the user prefers, and the size of the window.
    pub(crate) async fn look(&mut self, scheme: &str, width: u32, height: u32) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature })).await;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Takes a picture of the page, as PNG in base64.
    pub(crate) async fn picture(&mut self) -> String {
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        picture["data"].as_str().expect("it is text").to_owned()
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).await.expect("the browser runs");
        loop {
            let mut read = Vec::new();
            let reading = timeout(Duration::from_mins(1), self.from.read_until(0, &mut read));
            reading.await.expect("the browser answers").expect("the browser runs");
            read.pop();
            let message: Value = serde_json::from_slice(&read)
                .unwrap_or_else(|error| panic!("{method}: {error}, the browser has ended"));
            if message["id"] == self.last_id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.listen(&message);
        }
    }

    fn listen(&mut self, message: &Value) {
        let complaint = match message["method"].as_str() {
            Some("Log.entryAdded") => &message["params"]["entry"],
            Some("Runtime.exceptionThrown") => &message["params"]["exceptionDetails"],
            _ => return,
        };
        self.complaints.push(format!(
            "{} {} {}",
            complaint["text"], complaint["url"], complaint["exception"]["description"]
        ));
    }
}

struct Profile(PathBuf);

impl Profile {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("with-after-browser-{name}-{}", process::id())))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
