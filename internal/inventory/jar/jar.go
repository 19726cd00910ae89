// Package jar names the Java archives that have no record of Maven in them. There are two witnesses: the name of the file and the
// manifest. Neither is to be believed alone. Debian calls Spring's spring-core 4.3.30.RELEASE spring3-core-3.x.jar, and only the
// manifest says which it is; Lucene's and Kotlin's manifests have titles and versions that no repository knows, and only the
// file is called as the library is. So
//
//   - the manifest counts where the name of the file has no version, or none that can be one, such as 3.x;
//   - where both say the same version, its name counts if it is the file's but for digits: commons-collections3 is commons-collections;
//   - else the name of the file counts.
package jar

import (
	"context"
	"regexp"
	"strings"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/archive"
	"github.com/google/osv-scalibr/extractor/filesystem/language/java/archive/metadata"
	"github.com/google/osv-scalibr/inventory"
	"google.golang.org/protobuf/proto"
)

// Extractor is that of package archive, asked for manifests as well.
type Extractor struct {
	filesystem.Extractor                      // by records of Maven, names of files, and manifests where a file's name has no version
	manifests            filesystem.Extractor // without the names of files
}

// New returns the extractor. It takes the settings of package archive.
func New(cfg *cpb.PluginConfig) (filesystem.Extractor, error) {
	named, err := archive.New(cfg)
	if err != nil {
		return nil, err
	}
	without := proto.CloneOf(cfg)
	for _, s := range without.GetPluginSpecific() {
		if j := s.GetJavaArchive(); j != nil {
			no := false
			j.ExtractFromFilename = &no
		}
	}
	manifests, err := archive.New(without)
	return Extractor{named, manifests}, err
}

// Extract implements filesystem.Extractor. An archive is read a second time only if something in it goes by the name of its file.
func (e Extractor) Extract(ctx context.Context, input *filesystem.ScanInput) (inventory.Inventory, error) {
	found, err := e.Extractor.Extract(ctx, input)
	if err != nil {
		return found, err
	}
	named := map[string]int{} // by the archive, where it is named by its file
	for i, p := range found.Packages {
		if within, by := place(p); by == "" {
			named[within] = i
		}
	}
	if len(named) > 0 {
		again, err := e.manifests.Extract(ctx, input)
		if err != nil {
			return found, err
		}
		for _, m := range again.Packages {
			within, by := place(m)
			if i, ok := named[within]; ok && strings.HasSuffix(by, "MANIFEST.MF") && better(found.Packages[i], m) {
				found.Packages[i] = m
			}
		}
	}
	for _, p := range found.Packages {
		if _, by := place(p); !strings.HasSuffix(by, "pom.properties") {
			group(p)
		}
	}
	return found, nil
}

// group gives a package the group of the library it is called like, where that is known.
func group(p *extractor.Package) {
	if m, ok := p.Metadata.(*metadata.Metadata); ok && groups[m.ArtifactID] != "" {
		m.GroupID = groups[m.ArtifactID]
		p.Name = m.GroupID + ":" + m.ArtifactID
	}
}

// groups are those of libraries whose archives are often built without Maven, by distributions and by Gradle, and whose
// manifests name another group or none. They are as Maven Central and advisories have them.
var groups = func() map[string]string {
	out := map[string]string{}
	for _, name := range strings.Fields("beanutils codec collections configuration dbcp digester fileupload httpclient io lang logging net pool validator") {
		out["commons-"+name] = "commons-" + name // Apache's oldest are their own groups
	}
	for _, name := range strings.Fields("aop beans context context-support core expression jdbc jms messaging orm oxm test tx web webflux webmvc websocket") {
		out["spring-"+name] = "org.springframework"
	}
	return out
}()

// place tells in which archive within the file a package is, and what in the archive it is known by: nothing if by its file.
func place(p *extractor.Package) (within, by string) {
	for _, l := range p.Location.Related {
		if l.File == nil {
			continue
		}
		if archive.IsArchive(l.File.Path) {
			within = l.File.Path
		} else {
			by = l.File.Path
		}
	}
	return within, by
}

var (
	// version is one as repositories have them, with a number in front.
	version = regexp.MustCompile(`^[0-9][0-9A-Za-z._+-]*$`)
	// series is no version but many of them.
	series = regexp.MustCompile(`(?i)^[0-9.]*\.?x$`)
	// artifact is what can be the name of a library in a repository.
	artifact = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)
	digits   = regexp.MustCompile(`[0-9]+`)
)

// better reports whether the manifest of an archive names it better than its file does.
func better(file, m *extractor.Package) bool {
	byFile, byManifest := idOf(file), idOf(m)
	switch {
	case !artifact.MatchString(byManifest) || !version.MatchString(m.Version) || series.MatchString(m.Version):
		return false
	case series.MatchString(file.Version):
		return true
	default:
		return m.Version == file.Version && digits.ReplaceAllString(byFile, "") == digits.ReplaceAllString(byManifest, "")
	}
}

func idOf(p *extractor.Package) string {
	if m, ok := p.Metadata.(*metadata.Metadata); ok {
		return m.ArtifactID
	}
	return ""
}
