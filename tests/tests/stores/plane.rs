//! A control plane's store that is filled without a network.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use skerry_control::{BlobFolder, Caller, Checker, Control, Identity, Keyring, NewVersion, Publish, SqliteMeta, UploadedModule};
use skerry_protocol::{ModuleKind, WorkerVersion};

use crate::Failure;

struct Anything;

#[async_trait]
impl Checker for Anything {
    async fn check(&self, _: &str, _: WorkerVersion) -> Result<u64, String> {
        Ok(1)
    }
}

pub struct Plane {
    pub control: Control,
    pub meta: Arc<SqliteMeta>,
    pub caller: Caller,
    /// The administrator's.
    pub token: String,
}

impl Plane {
    /// In a folder that `skerry serve` can go on with.
    pub async fn open(data: &Path) -> Result<Self, Failure> {
        let folder = data.join("control");
        std::fs::create_dir_all(&folder)?;
        let meta = Arc::new(SqliteMeta::open(&folder.join("meta.db"))?);
        let blobs = BlobFolder::open(&folder.join("blobs"))?;
        let keys = Keyring::open(&folder.join("secrets.key"))?;
        Identity::open(&folder.join("identity.key"))?;
        let control = Control::new(meta.clone(), Arc::new(blobs), keys, Arc::new(Anything), "localhost".to_owned());
        control.check_keys().await?;
        let (_, token) = control.bootstrap().await?.ok_or("there was an account")?;
        let caller = control.caller(&token).await?;
        Ok(Self { control, meta, caller, token })
    }

    /// A version that answers `version NUMBER`, whose code has so many bytes or a few more. Gives its id.
    pub async fn upload(&self, name: &str, number: usize, bytes: usize, publish: Publish) -> Result<String, Failure> {
        let filler = "x".repeat(bytes);
        let code = format!("// {filler}\nexport default {{ fetch() {{ return new Response('version {number}'); }} }};\n");
        let module = UploadedModule {
            name: "main.js".to_owned(),
            kind: ModuleKind::EsModule,
            content: code.into_bytes().into(),
            source_map: None,
        };
        let bindings = vec![json!({ "name": "TEXT", "type": "plain_text", "text": "some" })];
        let new = NewVersion { main_module: "main.js".to_owned(), modules: vec![module], bindings, ..NewVersion::default() };
        Ok(self.control.upload(&self.caller, name, new, publish).await?.version.id)
    }
}
