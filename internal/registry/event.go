package registry

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// MaxEvent bounds the body of an event, and maxPushes what one may tell of.
const (
	MaxEvent  = 1 << 20
	maxPushes = 1000
)

// ParseEvent reads what a registry sends when something happens, whichever it is: the shapes differ, and what stands in
// front of a registry may speak for it. Events of something else than a pushed tag give no pushes and no error.
// Invalid says that it is none of the known shapes.
func ParseEvent(body []byte) ([]store.Push, error) {
	unknown := &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read event", Hint: "send the events of a registry as they are, in JSON", Err: errors.New("this is none that is known")}
	var e event
	if len(body) > MaxEvent || json.Unmarshal(body, &e) != nil {
		return nil, unknown
	}
	var out list
	switch {
	case e.Events != nil: // distribution, and what is built on it: GitLab, Artifactory's own, Gitea
		e.distribution(&out)
	case e.Type != "" && e.EventData.Repository.FullName != "": // Harbor
		e.harbor(&out)
	case e.PushData.Tag != "" && e.Repository.named.RepoName != "":
		out.add(e.PushData.Tag, e.Repository.named.RepoName)
	case e.UpdatedTags != nil && e.Repository.text != "": // Quay
		for _, tag := range e.UpdatedTags {
			out.add(tag, e.Repository.text)
		}
	case e.named() != nil: // GitHub
		e.github(&out)
	case e.Domain != "" || e.EventType == "pushed" && e.Data.Image != "": // Artifactory
		if e.EventType == "pushed" && (e.Domain == "docker" || e.Domain == "") {
			out.add(e.Data.Tag, e.Data.RepoKey+"/"+e.Data.Image, e.Data.Image)
		}
	case e.RepositoryName != "" && (e.Component != nil || e.Asset != nil): // Nexus
		if c := e.Component; c != nil && (e.Action == "CREATED" || e.Action == "UPDATED") && (c.Format == "docker" || c.Format == "") {
			out.add(c.Version, c.Name, "repository/"+e.RepositoryName+"/"+c.Name)
		}
	case e.Target != nil && e.Action != "": // Azure
		if e.Action == "push" {
			out.add(e.Target.Tag, e.Target.Repository)
		}
	case e.Source == "aws.ecr": // EventBridge
		if d := e.Detail; d.ActionType == "PUSH" && (d.Result == "SUCCESS" || d.Result == "") {
			out.add(d.Tag, d.Repository)
		}
	case e.Action == "ping" || e.Zen != "": // Azure and GitHub try whether somebody listens
	default:
		return nil, unknown
	}
	return out.pushes, nil
}

// list collects pushes to the same repositories.
type list struct {
	pushes []store.Push
	count  int
}

// add notes a push of a tag to the first of a few repositories that could be meant.
func (l *list) add(tag string, repositories ...string) {
	var good []string
	for _, r := range repositories {
		if IsRepository(r) {
			good = append(good, r)
		}
	}
	if len(good) == 0 || !isTag(tag) || l.count == maxPushes {
		return
	}
	l.count++
	for i := range l.pushes {
		if l.pushes[i].Repositories[0] == good[0] {
			l.pushes[i].Tags = append(l.pushes[i].Tags, tag)
			return
		}
	}
	l.pushes = append(l.pushes, store.Push{Repositories: good, Tags: []string{tag}})
}

// event has the fields of all shapes.
type event struct {
	Events []struct {
		Action string `json:"action"`
		Target struct {
			Repository string `json:"repository"`
			Tag        string `json:"tag"`
		} `json:"target"`
	} `json:"events"`

	Type      string `json:"type"`
	EventData struct {
		Resources []struct {
			Tag string `json:"tag"`
		} `json:"resources"`
		Repository struct {
			FullName string `json:"repo_full_name"`
		} `json:"repository"`
	} `json:"event_data"`

	PushData struct {
		Tag string `json:"tag"`
	} `json:"push_data"`
	Repository  repositoryField `json:"repository"`
	UpdatedTags tagsField       `json:"updated_tags"`

	RegistryPackage *githubPackage `json:"registry_package"`
	Package         *githubPackage `json:"package"`
	Zen             string         `json:"zen"`

	Domain    string `json:"domain"`
	EventType string `json:"event_type"`
	Data      struct {
		RepoKey string `json:"repo_key"`
		Image   string `json:"image_name"`
		Tag     string `json:"tag"`
	} `json:"data"`

	RepositoryName string `json:"repositoryName"`
	Component      *struct {
		Format  string `json:"format"`
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"component"`
	Asset  *struct{} `json:"asset"`
	Action string    `json:"action"`

	Target *struct {
		Repository string `json:"repository"`
		Tag        string `json:"tag"`
	} `json:"target"`

	Source string `json:"source"`
	Detail struct {
		ActionType string `json:"action-type"`
		Result     string `json:"result"`
		Repository string `json:"repository-name"`
		Tag        string `json:"image-tag"`
	} `json:"detail"`
}

// repositoryField is a name, or an object that has it.
type repositoryField struct {
	text  string
	named struct {
		RepoName string `json:"repo_name"`
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *repositoryField) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &r.text) != nil {
		_ = json.Unmarshal(b, &r.named) // an object of another shape says nothing
	}
	return nil
}

// tagsField is a list of tags; old versions of Quay send an object with them as keys.
type tagsField []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *tagsField) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*[]string)(t)) == nil {
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(b, &object) == nil {
		*t = []string{}
		for tag := range object {
			*t = append(*t, tag)
		}
	}
	return nil
}

type githubPackage struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Type      string `json:"package_type"`
	Ecosystem string `json:"ecosystem"`
	Owner     struct {
		Login string `json:"login"`
	} `json:"owner"`
	Version struct {
		Container struct {
			Tag struct {
				Name string `json:"name"`
			} `json:"tag"`
		} `json:"container_metadata"`
	} `json:"package_version"`
}

func (e *event) named() *githubPackage {
	if e.RegistryPackage != nil {
		return e.RegistryPackage
	}
	return e.Package
}

func (e *event) distribution(out *list) {
	for _, x := range e.Events {
		if x.Action == "push" {
			out.add(x.Target.Tag, x.Target.Repository)
		}
	}
}

func (e *event) harbor(out *list) {
	if e.Type != "PUSH_ARTIFACT" && e.Type != "pushImage" {
		return
	}
	for _, r := range e.EventData.Resources {
		out.add(r.Tag, e.EventData.Repository.FullName)
	}
}

func (e *event) github(out *list) {
	p := e.named()
	if e.Action != "published" && e.Action != "updated" || !strings.EqualFold(p.Type, "container") && !strings.EqualFold(p.Ecosystem, "container") {
		return
	}
	owner, name := strings.ToLower(p.Namespace), strings.ToLower(p.Name)
	if owner == "" {
		owner = strings.ToLower(p.Owner.Login)
	}
	owner, _, _ = strings.Cut(owner, "/") // some events have the package in it
	out.add(p.Version.Container.Tag.Name, owner+"/"+name)
}
