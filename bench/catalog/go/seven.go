// Seven queries a track, as the Go server of the two-file layout asks them, measured in its own language.
//
// database/sql over the C library, pool of 8, every statement prepared anew by Query, rows kept open while the queries
// below them run: as there. One goroutine, so that nothing waits for a connection.
//
//	seven DIR IDS BATCHES SEARCH…   prints one JSON object: processor time of lookups, batches of 400 and searches
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

type Image struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type Artist struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Followers  int      `json:"followers"`
	Popularity int      `json:"popularity"`
	Genres     []string `json:"genres,omitempty"`
	Images     []Image  `json:"images,omitempty"`
}

type Album struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Label       string   `json:"label"`
	ReleaseDate string   `json:"release_date"`
	Precision   string   `json:"release_date_precision"`
	UPC         string   `json:"upc,omitempty"`
	TotalTracks int      `json:"total_tracks"`
	Copyright   string   `json:"copyright,omitempty"`
	CopyrightP  string   `json:"copyright_p,omitempty"`
	Images      []Image  `json:"images,omitempty"`
	Artists     []Artist `json:"artists,omitempty"`
}

type Track struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	ISRC          string   `json:"isrc,omitempty"`
	DurationMS    int      `json:"duration_ms"`
	Explicit      bool     `json:"explicit"`
	TrackNumber   int      `json:"track_number"`
	DiscNumber    int      `json:"disc_number"`
	Popularity    int      `json:"popularity"`
	PreviewURL    string   `json:"preview_url,omitempty"`
	Album         *Album   `json:"album,omitempty"`
	Artists       []Artist `json:"artists,omitempty"`
	OriginalTitle string   `json:"original_title,omitempty"`
	VersionTitle  string   `json:"version_title,omitempty"`
	HasLyrics     *bool    `json:"has_lyrics,omitempty"`
	Languages     []string `json:"languages,omitempty"`
	ArtistRoles   []string `json:"artist_roles,omitempty"`
}

const trackColumns = `SELECT t.rowid, t.id, t.name, t.external_id_isrc, t.duration_ms, t.explicit, t.track_number, t.disc_number,
t.popularity, t.preview_url, a.rowid, a.id, a.name, a.album_type, a.label, a.release_date, a.release_date_precision,
a.external_id_upc, a.total_tracks, a.copyright_c, a.copyright_p FROM tracks t JOIN albums a ON a.rowid = t.album_rowid WHERE `

type store struct{ main, files *sql.DB }

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (s *store) images(question string, owner int64) (found []Image) {
	rows, err := s.main.Query(question, owner)
	fail(err)
	defer rows.Close()
	for rows.Next() {
		var image Image
		fail(rows.Scan(&image.URL, &image.Width, &image.Height))
		found = append(found, image)
	}
	return
}

func (s *store) artists(question string, owner int64) (found []Artist) {
	rows, err := s.main.Query(question, owner)
	fail(err)
	defer rows.Close()
	for rows.Next() {
		var row int64
		var artist Artist
		fail(rows.Scan(&row, &artist.ID, &artist.Name, &artist.Followers, &artist.Popularity))
		genres, err := s.main.Query("SELECT genre FROM artist_genres WHERE artist_rowid = ?", row)
		fail(err)
		for genres.Next() {
			var genre string
			fail(genres.Scan(&genre))
			artist.Genres = append(artist.Genres, genre)
		}
		genres.Close()
		artist.Images = s.images("SELECT url, width, height FROM artist_images WHERE artist_rowid = ?", row)
		found = append(found, artist)
	}
	return
}

func (s *store) tracks(ctx context.Context, where string, arguments ...any) (found []Track, err error) {
	rows, err := s.main.QueryContext(ctx, trackColumns+where, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row, albumRow int64
		var track Track
		var album Album
		var isrc, preview, upc, c, p sql.NullString
		err = rows.Scan(&row, &track.ID, &track.Name, &isrc, &track.DurationMS, &track.Explicit, &track.TrackNumber, &track.DiscNumber,
			&track.Popularity, &preview, &albumRow, &album.ID, &album.Name, &album.Type, &album.Label, &album.ReleaseDate,
			&album.Precision, &upc, &album.TotalTracks, &c, &p)
		if err != nil {
			return nil, err
		}
		track.ISRC, track.PreviewURL, album.UPC, album.Copyright, album.CopyrightP = isrc.String, preview.String, upc.String, c.String, p.String
		album.Images = s.images("SELECT url, width, height FROM album_images WHERE album_rowid = ?", albumRow)
		album.Artists = s.artists(`SELECT a.rowid, a.id, a.name, a.followers_total, a.popularity FROM artist_albums x
			JOIN artists a ON a.rowid = x.artist_rowid WHERE x.album_rowid = ? AND x.index_in_album IS NOT NULL
			ORDER BY x.index_in_album`, albumRow)
		track.Album = &album
		track.Artists = s.artists(`SELECT a.rowid, a.id, a.name, a.followers_total, a.popularity FROM track_artists x
			JOIN artists a ON a.rowid = x.artist_rowid WHERE x.track_rowid = ?`, row)
		var lyrics sql.NullBool
		var original, version, languages, roles sql.NullString
		one := s.files.QueryRow(`SELECT has_lyrics, original_title, version_title, language_of_performance, artist_roles
			FROM track_files WHERE track_id = ?`, track.ID)
		if one.Scan(&lyrics, &original, &version, &languages, &roles) == nil {
			if lyrics.Valid {
				track.HasLyrics = &lyrics.Bool
			}
			track.OriginalTitle, track.VersionTitle = original.String, version.String
			_ = json.Unmarshal([]byte(languages.String), &track.Languages)
			_ = json.Unmarshal([]byte(roles.String), &track.ArtistRoles)
		}
		found = append(found, track)
	}
	return found, rows.Err()
}

func cpu() float64 {
	var usage syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Sec+usage.Stime.Sec)*1e6 + float64(usage.Utime.Usec+usage.Stime.Usec)
}

func open(path string) *sql.DB {
	database, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&immutable=1")
	fail(err)
	database.SetMaxOpenConns(8)
	return database
}

func main() {
	s := &store{open(os.Args[1] + "/main_database.sqlite3"), open(os.Args[1] + "/track_files.sqlite3")}
	text, err := os.ReadFile(os.Args[2])
	fail(err)
	ids := strings.Fields(string(text))
	count, err := strconv.Atoi(os.Args[3])
	fail(err)
	ctx := context.Background()

	lookup := func(id string) *Track {
		found, err := s.tracks(ctx, "t.id = ?", id)
		fail(err)
		return &found[0]
	}
	for _, id := range ids[:len(ids)/10] {
		lookup(id)
	}
	begun := cpu()
	for _, id := range ids {
		_, err := json.Marshal(lookup(id))
		fail(err)
	}
	single := (cpu() - begun) / float64(len(ids))

	var batches []float64
	for n := 0; n < count; n++ {
		begun = cpu()
		found := map[string]*Track{}
		for i := 0; i < 400; i++ {
			id := ids[(n*400+i)%len(ids)]
			found[id] = lookup(id)
		}
		_, err := json.Marshal(map[string]any{"tracks": found})
		fail(err)
		batches = append(batches, (cpu()-begun)/1000)
	}
	sort.Float64s(batches)

	searches := map[string]float64{}
	for _, words := range os.Args[4:] {
		begun = cpu()
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		found, _ := s.tracks(limited, "t.name LIKE ? ORDER BY t.popularity DESC LIMIT 20", "%"+words+"%")
		cancel()
		_, err := json.Marshal(found)
		fail(err)
		searches[words] = (cpu() - begun) / 1000
	}
	fail(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"lookup_cpu_us": single, "batch_of_400_cpu_ms": batches[len(batches)/2], "search_cpu_ms": searches,
	}))
}
