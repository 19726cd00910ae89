package registry

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

// Listing says how the repositories of a registry are found.
type Listing string

// The ways of listing.
const (
	ByCatalog Listing = "catalog" // /v2/_catalog
	ByAPI     Listing = "api"     // the registry's own API
)

// Kind is a product or service that keeps images, with what people are told of it.
type Kind struct {
	Name, Title string
	Host        string // its address, where all have the same
	Example     string // of an address, where each has its own
	Listing     Listing
	Namespace   string // what the namespace is whose repositories are listed; empty where none is needed
	API         string // address of its own API, unless another one is given
	Username    string // what to give as the user
	Secret      string // what to give as the password, and which rights it needs
	Hook        string // where to enter the address of the webhook, and its secret

	Identity bool // whether the server's own identity in its cloud can sign in

	host *regexp.Regexp // what an address looks like; nil for any
}

// Kinds are those that can be connected. That of everything without a row of its own is the first.
func Kinds() []Kind { return kinds }

var kinds = []Kind{
	{
		Name: "oci", Title: "OCI or Docker registry", Example: "registry.example.com:5000", Listing: ByCatalog,
		Username: "the user, as docker login takes it; nothing for a registry without sign-in",
		Secret:   "the password or token; pulling and listing the catalogue is enough",
		Hook:     "notifications.endpoints in the configuration of the registry, with the header Authorization: [Bearer SECRET]",
	},
	{
		Name: "docker-hub", Title: "Docker Hub", Host: "docker.io", Listing: ByAPI, Namespace: "the user or organisation whose repositories are listed", API: "https://hub.docker.com",
		Username: "the user, or the organisation with a token of its own",
		Secret:   "a personal or organisation access token that may read",
		Hook:     "Webhooks of each repository, with ?secret=SECRET at the end of the address, since Docker Hub sends no header",
	},
	{
		Name: "ghcr", Title: "GitHub Container Registry", Host: "ghcr.io", Listing: ByAPI, Namespace: "the organisation or user whose packages are listed", API: "https://api.github.com",
		Username: "the GitHub user the token belongs to",
		Secret:   "a classic personal access token with read:packages",
		Hook:     "Settings → Webhooks of the organisation: content type application/json, the secret, and the event Registry packages",
	},
	{
		Name: "gitlab", Title: "GitLab Container Registry", Example: "registry.gitlab.com", Listing: ByAPI, Namespace: "the path of the group or project whose repositories are listed", API: "https://gitlab.com",
		Username: "the user, or the name of the deploy or group token",
		Secret:   "a token with read_registry, and read_api for the list",
		Hook:     "notification endpoints of a registry that you run yourself (gitlab.rb), with the header Authorization: [Bearer SECRET]; GitLab.com sends none and is polled",
	},
	{
		Name: "harbor", Title: "Harbor", Example: "harbor.example.com", Listing: ByAPI,
		Username: "a robot account, such as robot$crowsnest",
		Secret:   "its secret; it needs pull and list of repositories",
		Hook:     "Webhooks of each project: event Artifact pushed, the secret as auth header",
	},
	{
		Name: "quay", Title: "Quay", Example: "quay.io", Listing: ByAPI, Namespace: "the organisation whose repositories are listed",
		Username: "$oauthtoken with an OAuth token; a robot account pulls, but lists nothing: give the repositories then",
		Secret:   "the token; it needs to view the repositories",
		Hook:     "Events and Notifications of each repository: Push to Repository, Webhook POST, with ?secret=SECRET at the end of the address, since Quay sends no header",
	},
	{
		Name: "artifactory", Title: "JFrog Artifactory", Example: "acme.jfrog.io", Listing: ByCatalog,
		Username: "the user",
		Secret:   "an identity token that may read the Docker repositories",
		Hook:     "Administration → Webhooks: event Docker, Tag was pushed, with the secret token",
	},
	{
		Name: "nexus", Title: "Sonatype Nexus", Example: "nexus.example.com:8082", Listing: ByCatalog,
		Username: "the user, or the name part of a user token",
		Secret:   "the password or token; the role needs nx-repository-view-docker-*-browse and -read",
		Hook:     "Capabilities: Webhook: Repository, event component, with the secret key",
	},
	{
		Name: "ecr", Title: "Amazon ECR", Example: "123456789012.dkr.ecr.eu-central-1.amazonaws.com", Listing: ByCatalog,
		Username: "the ID of an access key",
		Secret:   "its secret access key; the policy AmazonEC2ContainerRegistryReadOnly is enough",
		Hook:     "an EventBridge rule for ECR Image Action with an API destination whose connection sends the API key X-Crowsnest-Hook: SECRET",
		Identity: true,
		host:     regexp.MustCompile(`^[0-9]{12}\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(\.cn)?|on\.aws)$`),
	},
	{
		Name: "gar", Title: "Google Artifact Registry", Example: "europe-west3-docker.pkg.dev", Listing: ByCatalog,
		Username: "_json_key",
		Secret:   "the JSON key of a service account with the role Artifact Registry Reader",
		Hook:     "none: Google tells of pushes through Pub/Sub only, so they are found by polling",
		Identity: true,
	},
	{
		Name: "acr", Title: "Azure Container Registry", Example: "acme.azurecr.io", Listing: ByCatalog,
		Username: "the name of a token, or the ID of a service principal",
		Secret:   "its password; a token needs the scope map _repositories_pull and metadata/read of the catalogue",
		Hook:     "Webhooks of the registry: action push, with the custom header Authorization: Bearer SECRET",
		Identity: true,
		host:     regexp.MustCompile(`^[a-z0-9]+\.azurecr\.(io|cn|us)$`),
	},
}

// KindOf finds a kind by name.
func KindOf(name string) (Kind, error) {
	if i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return kinds[i], nil
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	return Kind{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "connect registry", Field: "kind", Hint: "choose one of " + strings.Join(names, ", "), Err: errors.New("there is no such kind of registry")}
}

// Config is how a registry is reached.
type Config struct {
	Kind         string
	Host         string // as images are named
	Namespace    string
	API          string
	Username     string
	Secret       string
	Repositories []string // given ones; they are not listed then
	CA           string   // certificates in PEM form that are trusted for this registry alone
	Identity     bool     // sign in as who the server is in its cloud
}

// Complete checks a configuration and writes it the way it is kept.
func Complete(cfg Config) (Config, error) {
	kind, err := KindOf(cfg.Kind)
	if err != nil {
		return cfg, err
	}
	refuse := func(field, subject, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "connect registry", Subject: subject, Field: field, Hint: hint, Err: errors.New("this cannot be used")}
	}
	host := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(cfg.Host), "https://"), "/"))
	if host == "" || host == "index.docker.io" || host == "registry-1.docker.io" {
		host = kind.Host
	}
	switch {
	case host == "":
		return cfg, refuse("host", "", "give the address of the registry, such as "+kind.Example)
	case strings.HasPrefix(host, "http://"):
		return cfg, refuse("host", "", "write it without a scheme; registries are reached over HTTPS")
	case kind.Host != "" && host != kind.Host:
		return cfg, refuse("host", host, kind.Title+" is at "+kind.Host+"; for another registry choose the kind "+kinds[0].Name)
	case kind.host != nil && !kind.host.MatchString(host):
		return cfg, refuse("host", host, "write it as "+kind.Example)
	}
	if _, err := name.NewRegistry(host, name.StrictValidation); err != nil || strings.ContainsAny(host, "/@?#* ") {
		return cfg, refuse("host", "", "write the address as registry.example.com or registry.example.com:5000, without a path")
	}
	cfg.Host, cfg.Namespace, cfg.Username, cfg.Secret = host, strings.Trim(strings.TrimSpace(cfg.Namespace), "/"), strings.TrimSpace(cfg.Username), strings.TrimSpace(cfg.Secret)
	if (cfg.Username == "") != (cfg.Secret == "") {
		field := "secret"
		if cfg.Username == "" {
			field = "username"
		}
		return cfg, refuse(field, "", "give a user and a password, or neither")
	}
	if cfg.API = strings.TrimSuffix(strings.TrimSpace(cfg.API), "/"); cfg.API != "" && !wellFormedAPI.MatchString(cfg.API) {
		return cfg, refuse("api", "", "write it as https://gitlab.example.com")
	}
	if cfg.Kind == "gitlab" && cfg.API == "" && host != "registry.gitlab.com" && len(cfg.Repositories) == 0 {
		return cfg, refuse("api", "", "give the address of GitLab itself, such as https://gitlab.example.com")
	}
	if kind.Namespace != "" && cfg.Namespace == "" && len(cfg.Repositories) == 0 {
		return cfg, refuse("namespace", "", "give "+kind.Namespace+", or give the repositories")
	}
	switch {
	case cfg.Identity && !kind.Identity:
		return cfg, refuse("identity", "", "the server has an identity of its own for Amazon ECR, Google Artifact Registry and Azure Container Registry only")
	case cfg.Identity && cfg.Secret != "":
		return cfg, refuse("identity", "", "give a user and a password, or the server's own identity, not both")
	case cfg.Identity && cfg.API != "":
		return cfg, refuse("api", "", "leave it out: the server's own identity is shown to the cloud itself only")
	case cfg.Identity && kind.Name == "gar" && !ofGoogle.MatchString(host):
		return cfg, refuse("host", host, "write it as "+kind.Example+": the server's own identity is shown to Google only")
	case kind.Name == "ecr" && cfg.Secret == "" && !cfg.Identity:
		return cfg, refuse("username", "", "give "+kind.Username+" and the key, or the server's own identity")
	}
	if cfg.CA = strings.TrimSpace(cfg.CA); cfg.CA != "" {
		if _, err := egress.ParseCertificates(cfg.CA); err != nil {
			return cfg, crowsnest.InField("ca", err)
		}
	}
	given := make([]string, 0, len(cfg.Repositories))
	for _, repository := range cfg.Repositories {
		repository = strings.Trim(strings.TrimPrefix(strings.TrimSpace(repository), host+"/"), "/")
		if !IsRepository(repository) {
			return cfg, refuse("repositories", crowsnest.Text(repository), "write repositories without the registry and without a tag, as team/web")
		}
		given = append(given, repository)
	}
	slices.Sort(given)
	if cfg.Repositories = slices.Compact(given); len(cfg.Repositories) > MaxGiven {
		return cfg, refuse("repositories", "", "give fewer, or have the registry list them")
	}
	return cfg, nil
}

// MaxGiven bounds the repositories that people give, MaxRepositories those that a registry lists and MaxTags the tags
// of one of them.
const (
	MaxGiven        = 1000
	MaxRepositories = 200_000
	MaxTags         = 200_000
)

var (
	ofGoogle      = regexp.MustCompile(`^([a-z0-9-]+-docker\.pkg\.dev|([a-z]+\.)?gcr\.io)$`)
	wellFormedAPI = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$`)
	path          = regexp.MustCompile(`^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
	tagName       = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	// What signs an image or says something of it hangs from tags like these, and is no image.
	attached = regexp.MustCompile(`^sha256-[0-9a-f]{64}(\.[a-z]+)?$`)
)

// IsRepository tells whether a text can be the name of a repository within a registry.
func IsRepository(name string) bool { return len(name) <= 255 && path.MatchString(name) }

func isTag(name string) bool { return tagName.MatchString(name) && !attached.MatchString(name) }
