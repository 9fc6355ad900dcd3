//! Files of runs and of artifact versions.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::{ArtifactKey, FilePath, RunPath};
use ballast_tracking::artifacts::{ArtifactRecord, ContentListing, VersionFile};
use ballast_tracking::files::{FileListing, RunFile};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::access::Access;
use super::artifacts::{Artifact, SuccessPayload};
use super::connection::PageInfo;
use super::scalars::{DateTime, Int64};
use crate::refusal::Refusal;
use crate::storage::{
    UploadAddress, content_address, download_address, refused_upload_address, upload_address,
};
use crate::{environment, ids};

/// Files of one page where the request names no number.
const DEFAULT_FILES: usize = 50;
/// Largest page of files.
const MAX_FILES: usize = 10_000;
/// Most files of one change.
const MAX_CHANGED_FILES: usize = 10_000;

/// What `md5` says of a file that does not exist: the client tells a missing file by it.
const MISSING_MD5: &str = "0";

/// A file, or the place of one.
#[derive(Debug, Clone)]
pub(crate) enum FileNode {
    /// A file of a run, or the place of one that was asked for by name and does not exist.
    Run {
        run: RunPath,
        path: String,
        stored: Option<RunFile>,
    },
    /// A file of a committed artifact version.
    Version(Box<VersionFile>),
    /// The manifest of a committed artifact version.
    Manifest {
        artifact: ArtifactKey,
        size_bytes: u64,
        md5: Option<String>,
    },
    /// A file or manifest of a pending artifact version.
    Upload {
        name: String,
        md5: String,
        /// Where to send it; none if it need not be sent.
        address: Option<UploadAddress>,
        /// Where to send it in parts, if it can be.
        parts: Option<UploadMultipartUrls>,
        /// The version under which the content is stored.
        artifact: Option<Artifact>,
    },
}

/// What the client calls the manifest of a version.
const MANIFEST_NAME: &str = "wandb_manifest.json";

#[Object(name = "File")]
impl FileNode {
    async fn id(&self) -> ID {
        match self {
            Self::Run {
                stored: Some(file), ..
            } => ids::file(file.key),
            Self::Run { path, .. } => ids::encode("MissingFile", path),
            Self::Version(file) => {
                let (artifact, path) = (file.first_artifact(), &file.path);
                ids::encode("ArtifactFile", format_args!("{artifact}/{path}"))
            }
            Self::Manifest { artifact, .. } => ids::encode("ArtifactManifestFile", artifact),
            Self::Upload { name, .. } => ids::encode("ArtifactUpload", name),
        }
    }

    async fn name(&self) -> &str {
        self.path()
    }

    async fn display_name(&self) -> &str {
        self.path()
    }

    /// Where the file can be fetched, or sent if `upload`.
    async fn url(
        &self,
        context: &Context<'_>,
        #[graphql(default)] upload: bool,
    ) -> Result<Option<String>> {
        if upload {
            Ok(self.send_to(context).await?.map(|address| address.url))
        } else {
            self.download(context).await.map(Some)
        }
    }

    /// Where the file can be fetched without credentials.
    async fn direct_url(&self, context: &Context<'_>) -> Result<String> {
        self.download(context).await
    }

    async fn upload_url(&self, context: &Context<'_>) -> Result<Option<String>> {
        Ok(self.send_to(context).await?.map(|address| address.url))
    }

    async fn upload_headers(&self, context: &Context<'_>) -> Result<Option<Vec<String>>> {
        Ok(self.send_to(context).await?.map(|address| address.headers))
    }

    async fn size_bytes(&self) -> Int64 {
        Int64(match self {
            Self::Run { stored, .. } => stored.as_ref().map_or(0, |file| file.size_bytes) as i64,
            Self::Version(file) => file.size_bytes() as i64,
            Self::Manifest { size_bytes, .. } => *size_bytes as i64,
            Self::Upload { .. } => 0,
        })
    }

    async fn mimetype(&self) -> Option<String> {
        match self {
            Self::Run { stored, .. } => stored.as_ref().map(|file| file.mime_type.clone()),
            Self::Version(file) => Some(file.mime_type()),
            Self::Manifest { .. } => Some("application/json".to_owned()),
            Self::Upload { .. } => None,
        }
    }

    async fn updated_at(&self) -> Option<DateTime> {
        match self {
            Self::Run { stored, .. } => stored.as_ref().map(|file| DateTime(file.updated_at)),
            _ => None,
        }
    }

    /// MD5 in base64; `0` if there is no such file.
    async fn md5(&self) -> Option<String> {
        match self {
            Self::Run { stored: None, .. } => Some(MISSING_MD5.to_owned()),
            _ => self.known_md5(),
        }
    }

    async fn digest(&self) -> Option<String> {
        self.known_md5()
    }

    async fn storage_path(&self) -> Option<String> {
        match self {
            Self::Run { .. } | Self::Manifest { .. } => None,
            Self::Version(_) | Self::Upload { .. } => self
                .known_md5()
                .map(|md5| format!("wandb_artifacts/{}", md5.replace('/', "_"))),
        }
    }

    async fn upload_multipart_urls(&self) -> Option<&UploadMultipartUrls> {
        match self {
            Self::Upload { parts, .. } => parts.as_ref(),
            _ => None,
        }
    }

    /// The version under which the content is stored; null if it is gone.
    async fn artifact(&self, context: &Context<'_>) -> Result<Option<Artifact>> {
        match self {
            Self::Version(file) => {
                let id = ids::artifact(file.first_artifact());
                Artifact::lookup(Access::of(context), &id).await
            }
            Self::Upload { artifact, .. } => Ok(artifact.clone()),
            Self::Run { .. } | Self::Manifest { .. } => Ok(None),
        }
    }
}

impl FileNode {
    /// A file or manifest of a pending version.
    pub(super) fn upload(
        name: String,
        md5: String,
        address: Option<UploadAddress>,
        parts: Option<UploadMultipartUrls>,
        artifact: Option<Artifact>,
    ) -> Self {
        Self::Upload {
            name,
            md5,
            address,
            parts,
            artifact,
        }
    }

    /// The manifest of a committed version.
    pub(super) fn manifest(artifact: &ArtifactRecord) -> Self {
        Self::Manifest {
            artifact: artifact.key,
            size_bytes: artifact.manifest_bytes,
            md5: artifact.manifest_md5.clone(),
        }
    }

    fn path(&self) -> &str {
        match self {
            Self::Run { path, .. } => path,
            Self::Version(file) => &file.path,
            Self::Manifest { .. } => MANIFEST_NAME,
            Self::Upload { name, .. } => name,
        }
    }

    fn known_md5(&self) -> Option<String> {
        match self {
            Self::Run { stored, .. } => stored.as_ref()?.md5.clone(),
            Self::Version(file) => Some(BASE64_STANDARD.encode(file.md5())),
            Self::Manifest { md5, .. } => md5.clone(),
            Self::Upload { md5, .. } => Some(md5.clone()),
        }
    }

    async fn download(&self, context: &Context<'_>) -> Result<String> {
        let access = Access::of(context);
        let (tracking, base) = (&access.tracking, &access.base);
        match self {
            Self::Run {
                run,
                path,
                stored: None,
            } => {
                let place = [
                    "files",
                    run.entity.as_str(),
                    run.project.as_str(),
                    run.run.as_str(),
                ];
                Ok(base.join(place.into_iter().chain(path.split('/'))))
            }
            Self::Run {
                run,
                stored: Some(file),
                ..
            } => {
                let target = tracking
                    .download_target(&access.caller, run, &file.path)
                    .await?;
                Ok(download_address(base, &file.path, target))
            }
            Self::Version(file) => {
                let target = tracking.file_target(file).await?;
                Ok(content_address(base, &file.path, target))
            }
            Self::Manifest { artifact, .. } => {
                let target = tracking.manifest_target(&access.caller, *artifact).await?;
                Ok(content_address(base, MANIFEST_NAME, target))
            }
            // Nothing can be read before the commit, and nobody asks.
            Self::Upload { .. } => Ok(base.join(["storage", "refused"])),
        }
    }

    async fn send_to(&self, context: &Context<'_>) -> Result<Option<UploadAddress>> {
        match self {
            Self::Run { run, path, .. } => {
                let access = Access::of(context);
                let addresses = upload_addresses(access, run, std::slice::from_ref(path)).await?;
                Ok(addresses.into_iter().next())
            }
            Self::Upload { address, .. } => Ok(address.clone()),
            Self::Version(_) | Self::Manifest { .. } => Ok(None),
        }
    }
}

/// Addresses of the parts of a large file.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UploadMultipartUrls {
    #[graphql(name = "uploadID")]
    upload_id: String,
    upload_url_parts: Vec<UploadUrlPart>,
}

/// The address of a part of a large file.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UploadUrlPart {
    part_number: Int64,
    upload_url: String,
}

impl UploadMultipartUrls {
    /// The addresses of the parts, in order.
    pub(super) fn new(upload_id: String, addresses: impl Iterator<Item = String>) -> Self {
        let upload_url_parts = (1..)
            .zip(addresses)
            .map(|(number, upload_url)| UploadUrlPart {
                part_number: Int64(number),
                upload_url,
            })
            .collect();
        Self {
            upload_id,
            upload_url_parts,
        }
    }
}

/// A file in a page.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct FileEdge {
    /// The file's path: where the page behind it starts.
    cursor: String,
    node: Option<FileNode>,
}

/// A page of files.
#[derive(Debug, Clone)]
pub(crate) struct FileConnection {
    of: FilesOf,
    page_info: PageInfo,
    edges: Vec<FileEdge>,
}

/// Whose files a page shows.
#[derive(Debug, Clone)]
enum FilesOf {
    Run(RunPath),
    Version(ArtifactKey),
    /// Files that were named, all on the page.
    Known,
}

#[Object]
impl FileConnection {
    /// How many files the run or version has.
    async fn total_count(&self, context: &Context<'_>) -> Result<i64> {
        let Access {
            tracking, caller, ..
        } = Access::of(context);
        Ok(match &self.of {
            FilesOf::Run(run) => tracking.count_files(caller, run).await? as i64,
            FilesOf::Version(artifact) => tracking.count_contents(caller, *artifact).await? as i64,
            FilesOf::Known => self.edges.len() as i64,
        })
    }

    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    async fn edges(&self) -> &[FileEdge] {
        &self.edges
    }

    /// Headers to send with every upload of this page.
    async fn upload_headers(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A page of a run's files: those named, or those that fit an SQL `LIKE` pattern, or all.
///
/// A name without a file gives a node too: the client asks where to upload it, or looks at its `md5`.
pub(crate) async fn list(
    access: &Access,
    run: &RunPath,
    names: Option<Vec<Option<String>>>,
    pattern: Option<String>,
    first: Option<i64>,
    after: Option<String>,
) -> Result<FileConnection> {
    let names: Vec<String> = names.unwrap_or_default().into_iter().flatten().collect();
    let limit = first
        .map_or(DEFAULT_FILES, |first| usize::try_from(first).unwrap_or(0))
        .min(MAX_FILES);
    let is_first_page = after.is_none();
    let listing = FileListing {
        paths: (!names.is_empty()).then(|| names.clone()),
        like: pattern.filter(|pattern| !pattern.is_empty()),
        after,
        // One more tells whether there is a next page.
        limit: limit + 1,
        ..FileListing::default()
    };
    let mut files = access
        .tracking
        .list_files(&access.caller, run, &listing)
        .await?;
    let has_next_page = files.len() > limit;
    files.truncate(limit);
    let missing: Vec<String> = names
        .into_iter()
        .filter(|name| {
            is_first_page && !has_next_page && !files.iter().any(|file| file.path.as_str() == name)
        })
        .collect();
    let stored = files
        .into_iter()
        .map(|file| (file.path.to_string(), Some(file)));
    let nodes = stored.chain(missing.into_iter().map(|path| (path, None)));
    let edges: Vec<FileEdge> = nodes
        .map(|(path, stored)| FileEdge {
            cursor: path.clone(),
            node: Some(FileNode::Run {
                run: run.clone(),
                path,
                stored,
            }),
        })
        .collect();
    let page_info = PageInfo::new(edges.last().map(|edge| edge.cursor.clone()), has_next_page);
    Ok(FileConnection {
        of: FilesOf::Run(run.clone()),
        page_info,
        edges,
    })
}

impl FileConnection {
    /// These files and no others.
    pub(super) fn known(nodes: Vec<FileNode>) -> Self {
        Self {
            of: FilesOf::Known,
            page_info: PageInfo::default(),
            edges: nodes.into_iter().map(FileEdge::of).collect(),
        }
    }
}

impl FileEdge {
    fn of(node: FileNode) -> Self {
        Self {
            cursor: node.path().to_owned(),
            node: Some(node),
        }
    }
}

/// A page of a version's files: those named, or all. There are none before the version is committed.
pub(super) async fn list_contents(
    access: &Access,
    artifact: ArtifactKey,
    names: Option<Vec<String>>,
    first: Option<i64>,
    after: Option<String>,
) -> Result<FileConnection> {
    let limit = first
        .map_or(DEFAULT_FILES, |first| usize::try_from(first).unwrap_or(0))
        .min(MAX_FILES);
    let listing = ContentListing {
        paths: names.filter(|names| !names.is_empty()),
        after,
        // One more tells whether there is a next page.
        limit: limit + 1,
    };
    let mut files = access
        .tracking
        .list_contents(&access.caller, artifact, &listing)
        .await?;
    let has_next_page = files.len() > limit;
    files.truncate(limit);
    let nodes = files
        .into_iter()
        .map(|file| FileNode::Version(Box::new(file)));
    let edges: Vec<FileEdge> = nodes.map(FileEdge::of).collect();
    Ok(FileConnection {
        of: FilesOf::Version(artifact),
        page_info: PageInfo::new(edges.last().map(|edge| edge.cursor.clone()), has_next_page),
        edges,
    })
}

/// One upload address for every name, in order. A name that no file can have gets an address that refuses.
async fn upload_addresses(
    access: &Access,
    run: &RunPath,
    names: &[String],
) -> Result<Vec<UploadAddress>> {
    if names.len() > MAX_CHANGED_FILES {
        return Err(Refusal::invalid(format!(
            "more than {MAX_CHANGED_FILES} files in one request"
        ))
        .into());
    }
    let paths: Vec<Option<FilePath>> = names
        .iter()
        .map(|name| FilePath::new(name.as_str()).ok())
        .collect();
    let valid = paths.iter().flatten().cloned().collect();
    let mut uploads = access
        .tracking
        .begin_uploads(&access.caller, run, valid)
        .await?
        .into_iter();
    let address = |path: &Option<FilePath>| match path {
        Some(_) => {
            let upload = uploads
                .next()
                .ok_or_else(|| Refusal::invalid("an upload was not started"))?;
            Ok(upload_address(&access.base, upload.target))
        }
        None => Ok(UploadAddress {
            url: refused_upload_address(&access.base),
            headers: Vec::new(),
        }),
    };
    Ok(paths.iter().map(address).collect::<Result<_, Refusal>>()?)
}

/// Changes to files.
#[derive(Debug, Default)]
pub(crate) struct FileMutations;

/// Files to upload.
#[derive(Debug, InputObject)]
pub(crate) struct CreateRunFilesInput {
    entity_name: Option<String>,
    project_name: Option<String>,
    run_name: String,
    files: Vec<String>,
    client_mutation_id: Option<String>,
}

/// Where to upload files.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateRunFilesPayload {
    #[graphql(name = "runID")]
    run_id: ID,
    /// Headers to send with every upload, each as `Name: value`.
    upload_headers: Vec<String>,
    /// As many as were asked for, in that order.
    files: Vec<RunFileUpload>,
    client_mutation_id: Option<String>,
}

/// Where to upload a file.
#[derive(Debug, SimpleObject)]
pub(crate) struct RunFileUpload {
    name: String,
    upload_url: Option<String>,
}

/// Files that were uploaded.
#[derive(Debug, InputObject)]
pub(crate) struct MarkRunFilesUploadedInput {
    entity_name: Option<String>,
    project_name: Option<String>,
    run_name: String,
    files: Vec<String>,
    client_mutation_id: Option<String>,
}

/// Files to delete.
#[derive(Debug, InputObject)]
pub(crate) struct DeleteFilesInput {
    files: Vec<ID>,
    project_id: Option<i64>,
    client_mutation_id: Option<String>,
}

#[Object]
impl FileMutations {
    /// Asks where to upload files of a run.
    async fn create_run_files(
        &self,
        context: &Context<'_>,
        input: CreateRunFilesInput,
    ) -> Result<Option<CreateRunFilesPayload>> {
        let access = Access::of(context);
        let path = access.run_path(
            input.entity_name.as_deref(),
            input.project_name.as_deref(),
            &input.run_name,
        )?;
        let run = access.tracking.get_run(&access.caller, &path).await?;
        let addresses = upload_addresses(access, &path, &input.files).await?;
        let upload_headers = addresses.iter().find(|address| !address.headers.is_empty());
        Ok(Some(CreateRunFilesPayload {
            run_id: ids::run(run.key),
            upload_headers: upload_headers
                .map(|address| address.headers.clone())
                .unwrap_or_default(),
            files: input
                .files
                .into_iter()
                .zip(addresses)
                .map(|(name, address)| RunFileUpload {
                    name,
                    upload_url: Some(address.url),
                })
                .collect(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Says that uploads are complete. Does not revive the run.
    async fn mark_run_files_uploaded(
        &self,
        context: &Context<'_>,
        input: MarkRunFilesUploadedInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let run = access.run_path(
            input.entity_name.as_deref(),
            input.project_name.as_deref(),
            &input.run_name,
        )?;
        let paths: Vec<FilePath> = input
            .files
            .iter()
            .filter_map(|name| FilePath::new(name.as_str()).ok())
            .collect();
        access
            .tracking
            .mark_uploaded(&access.caller, &run, &paths)
            .await?;
        environment::adopt_files(&access.tracking, &access.caller, &run, &paths).await;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Deletes files of runs.
    async fn delete_files(
        &self,
        context: &Context<'_>,
        input: DeleteFilesInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        if input.files.len() > MAX_CHANGED_FILES {
            return Err(Refusal::invalid(format!(
                "more than {MAX_CHANGED_FILES} files in one request"
            ))
            .into());
        }
        // Found before any is deleted, so that an unknown file leaves the others alone.
        let mut found = Vec::with_capacity(input.files.len());
        for id in &input.files {
            let unknown = || Refusal::not_found("file", id);
            let key = ids::file_key(id).ok_or_else(unknown)?;
            let run = access
                .tracking
                .run_of_file(&access.caller, key)
                .await?
                .ok_or_else(unknown)?;
            found.push((run, key));
        }
        for files in found.chunk_by(|a, b| a.0 == b.0) {
            let keys: Vec<i64> = files.iter().map(|(_, key)| *key).collect();
            access
                .tracking
                .delete_files(&access.caller, &files[0].0, &keys)
                .await?;
        }
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }
}
