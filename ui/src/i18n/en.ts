/** The words of the app in English. Numbers come as numbers and are written by the locale; "#" stands for the counted number. */

import { scrobblingEn } from "../scrobbling/words.en";
import { type Forms, plurals } from "./plural";

const many = plurals("en");

export const en = {
  ...scrobblingEn,
  // Places
  catalogue: "Catalogue", home: "Home", albums: "Albums", album: "Album", artists: "Artists", artist: "Artist", tracks: "Tracks", genres: "Genres", genre: "Genre", labels: "Labels", label: "Label",
  folders: "Folders", statistics: "Statistics", history: "History", ownTags: "Your tags", playlists: "Playlists", playlist: "Playlist", search: "Search", libraries: "Libraries", files: "Files", jobs: "Work", settings: "Settings", users: "People", account: "Your account",
  library: "Library", yours: "Yours", server: "Server", navigation: "Navigation", more: "More", skipToPage: "Skip to the page", all: "All", actions: "Actions", results: "Results", letters: "Letters", everybody: "Everybody", albumArtists: "With albums of their own", whereAmI: "Where you are",

  // Counts
  albumCount: (n: number) => many(n, { one: "# album", other: "# albums" }),
  trackCount: (n: number) => many(n, { one: "# track", other: "# tracks" }),
  artistCount: (n: number) => many(n, { one: "# artist", other: "# artists" }),
  discCount: (n: number) => many(n, { one: "# disc", other: "# discs" }),
  folderCount: (n: number) => many(n, { one: "# folder", other: "# folders" }),
  problemCount: (n: number) => many(n, { one: "# file with problems", other: "# files with problems" }),
  playCount: (n: number) => many(n, { one: "played once", two: "played twice", other: "played # times" }),
  allTracks: (n: number) => many(n, { one: "The one track", other: "All # tracks" }),
  moreRows: (n: number) => many(n, { one: "# more", other: "# more" }),
  disc: (n: number) => `Disc ${n}`,

  // Everyday
  loading: "Loading", tryAgain: "Try again", close: "Close", cancel: "Cancel", save: "Save", saved: "Saved.", delete: "Delete", remove: "Remove", create: "Create", rename: "Rename", apply: "Apply", copy: "Copy", copied: "Copied.", notCopied: "The browser did not let us copy.",
  details: "Details", name: "Name", description: "Description", describe: "Describe", or: "or", on: "On", off: "Off", you: "you", older: "Show older ones", view: "View", wall: "Wall", table: "Table", filter: "Filter", sortBy: "Sort by", clearFilter: "Clear the filter",
  moreNamed: (name: string) => `More for ${name}`,
  removeNamed: (name: string) => `Remove ${name}`,
  moveNamed: (name: string) => `Move ${name}`,
  moveHint: "Drag to move, or Alt with the arrow keys",
  unreachable: "The server does not answer.", couldNotLoad: "This could not be loaded.", couldNotSave: "That was not saved.", notHere: "This is not here any more.", pageDidNotLoad: "This page did not load.", pageDidNotLoadWhy: "The server does not answer, or Segue was updated meanwhile. Trying again loads the app anew; the music goes on where it was.",
  serverAway: "Your server does not answer", serverAwayWhy: "It may be starting, or the connection is down. Nothing is lost; try again in a moment.", notConnected: "Not connected: changes appear once the server answers again.",
  noSuchPage: "There is nothing here", noSuchPageWhy: "The address may be mistyped, or what stood here has gone.", toHome: "Go home",

  // Signing in
  signIn: "Sign in", signingIn: "Signing in…", signOut: "Sign out", welcome: "Welcome back", userOrEmail: "Name or e-mail", username: "User name", password: "Password", remember: "Stay signed in on this device",
  wrongPassword: "That name and password do not belong together.",
  tooOften: (seconds: number) => many(Math.ceil(seconds), { one: "Too many attempts. Try again in # second.", other: "Too many attempts. Try again in # seconds." }),
  setup: "Set up", setupWelcome: "A house for your music", setupWhy: "Make the first account. It runs this server; you can add other people later.", setupDone: "It is yours", createAccount: "Make the account", enter: "Come in",
  passwordHint: "At least 8 characters.", offerAppPassword: "Also make an app password, for Subsonic apps on a phone or a stereo",
  appPassword: "App password", appPasswordHint: "Your own words are fine: at least 8 characters, not your login password.", appPasswordWhy: "Type these into your Subsonic app. You can make more, and revoke them, under Your account.",
  serverAddress: "Server address", shownOnce: "These words are shown only now. Afterwards nobody can read them, only revoke them.",

  // Home
  goodMorning: "Good morning", goodAfternoon: "Good afternoon", goodEvening: "Good evening", goodNight: "Still up",
  recentlyPlayed: "Back in rotation", recentlyAdded: "New here", mostPlayed: "Most played", starredAlbums: "Starred", fromTheShelves: "From the shelves", randomNote: "picked at random, new every hour", playSomething: "Play something",
  emptyHome: "No music yet", emptyHomeAdmin: "Add the folder your music is in. Files are read where they are and never changed.", emptyHomeWhy: "As soon as music is added on the server, it appears here.",
  listening: "Reading your music", listeningWhy: "The first albums appear in a moment, while the rest is still being read.",

  // Lists
  title: "Title", cover: "Cover", year: "Year", years: "Years", bpm: "BPM", key: "Key", quality: "Quality", plays: "Plays", added: "Added", time: "Time", number: "Number", size: "Size", channels: "Channels", file: "File",
  filterAlbums: "Filter albums", filterArtists: "Filter artists", filterTracks: "Filter tracks", filterGenres: "Filter genres", filterLabels: "Filter labels", filterSettings: "Filter settings", ctrlK: "Ctrl K",
  byName: "By name", byAlbums: "By albums", byTracks: "By tracks",
  starred: "Starred", missing: "Missing files", compilation: "Compilation", compilations: "Compilations", noCompilations: "Without compilations", yearsHint: "1977, 1970–1979 or 1970s",
  noAlbumFits: "No album fits", noTrackFits: "No track fits", noArtistFits: "No artist fits", noAlbumFitsWhy: "Take a part of the filter away, or look for fewer letters.",
  noAlbums: "No albums yet", noTracks: "No tracks yet", noArtists: "No artists yet", noArtistsWhy: "Artists come from the tags of your files. Add a library, and they gather here.",
  noGenres: "No genres yet", noGenresWhy: "Genres come from the tags of your files.", noLabels: "No labels yet", noLabelsWhy: "Labels come from the tags of your files: “label”, “organization” or “publisher”.",
  albumSorts: (): Record<string, string> => ({ "-added": "Newest first", added: "Oldest first", title: "Title", artist: "Artist", "-year": "Latest year", year: "Earliest year", "-plays": "Most played", "-last_played": "Last played", "-rating": "Best rated", random: "Shuffled" }),
  albumTypes: (): Record<string, string> => ({ album: "Album", ep: "EP", single: "Single", live: "Live", compilation: "Compilation", soundtrack: "Soundtrack", remix: "Remixes", demo: "Demo", broadcast: "Broadcast", other: "Other", audiobook: "Audiobook", mixtape: "Mixtape", "dj-mix": "DJ mix" }),

  // Albums and artists
  credits: "Credits", elsewhere: "Elsewhere", coverOf: (title: string) => `Cover of ${title}`,
  inLibrary: (name: string) => `In the library ${name}.`,
  moreBy: (name: string) => `More by ${name}`,
  releasedAgain: (first: string, again: string) => `${first}, this release ${again}`,
  albumMissing: "The files of this album are gone from disk. Stars, plays and playlists are kept; when the files come back, so does the album.", albumHasNoTracks: "This album has no tracks.",
  albumsAs: (role: string) => ({ album_artist: "Albums", artist: "Appears on", composer: "Composed", conductor: "Conducted", producer: "Produced", remixer: "Remixed", performer: "Performed on", arranger: "Arranged", lyricist: "Lyrics on", engineer: "Engineered", mixer: "Mixed" })[role] ?? `As ${role.replaceAll("_", " ")}`,
  roles: (): Record<string, string> => ({ artist: "Artist", albumartist: "Album artist", album_artist: "Album artist", main: "Artist", featured: "Featuring", composer: "Composer", lyricist: "Lyrics", writer: "Writer", conductor: "Conductor", performer: "Performer", arranger: "Arranger", producer: "Producer", engineer: "Recorded by", mixer: "Mixed by", mastering: "Mastered by", remixer: "Remixed by", djmixer: "DJ mix", dj_mixer: "DJ mix", director: "Director", orchestra: "Orchestra", choir: "Choir", ensemble: "Ensemble", soloist: "Soloist" }),

  // Playing
  play: "Play", pause: "Pause", playPause: "Play or pause", shuffle: "Shuffle", shuffleOn: "Shuffle is on.", shuffleOff: "Shuffle is off.", repeat: "Repeat", repeat_off: "Repeat is off", repeat_all: "Repeat the queue", repeat_one: "Repeat this track",
  playNext: "Play next", addToQueue: "Add to the queue", addToPlaylist: "Add to a playlist", goToAlbum: "Go to the album", goToArtist: "Go to the artist", goToPlaying: "Go to what is playing",
  nextTrack: "Next track", previousTrack: "Previous track", forward: "Ten seconds on", backward: "Ten seconds back", louder: "Louder", softer: "Softer", mute: "Mute", volume: "Volume", position: "Position", length: "Length", timeLeft: "Time left",
  positionOf: (at: string, of: string) => `${at} of ${of}`,
  playNamed: (name: string) => `Play ${name}`,
  player: "Player", fullPlayer: "Open the player", nothingPlays: "Nothing plays. Choose an album, or press / to search.",
  queue: "Queue", showQueue: "Show or hide the queue", queueEmpty: "The queue is empty.", clearQueue: "Clear what is to come", saveAsPlaylist: "Save as a playlist", nothingToCome: "Nothing after this",
  toCome: (n: number, length: string) => many(n, { one: `# track to come, ${length}`, other: `# tracks to come, ${length}` }),
  addedNext: (n: number) => many(n, { one: "Plays next.", other: "# tracks play next." }),
  addedLast: (n: number) => many(n, { one: "Added to the queue.", other: "# tracks added to the queue." }),
  addedTo: (n: number, name: string) => many(n, { one: `Added to ${name}.`, other: `# tracks added to ${name}.` }),
  cannotPlay: (title: string) => `“${title}” cannot be played here.`,
  star: "Star", unstar: "Take the star away", starNamed: (name: string) => `Star ${name}`, starPlaying: "Star what is playing", starFailed: "The star was not saved.", ratingFailed: "The rating was not saved.", clearRating: "Take the rating away",
  stars: (n: number) => many(n, { one: "# star", other: "# stars" }),
  ratingNamed: (name: string) => `Rating of ${name}`,
  ratePlaying: (n: number) => many(n, { one: "Rate what is playing # star", other: "Rate what is playing # stars" }), ratePlayingAny: "Rate what is playing",
  rated: (title: string, n: number) => many(n, { one: `${title}: # star.`, other: `${title}: # stars.` }),

  // Search and keys
  palette: "Search and commands", paletteHint: "Search, or type a command", searchHint: "Artists, albums, tracks", searchTitle: "What would you like to hear?", searchWhy: "Type a part of any name. Accents and case do not matter.", searching: "Searching…",
  seeAll: (words: string) => `See everything for “${words}”`,
  nothingFound: (words: string) => `Nothing found for “${words}”`, nothingFoundWhy: "Try fewer letters, or another spelling.",
  keyboardHelp: "Keyboard", helpGo: "Go to", helpPlayer: "Player", helpLists: "Lists", helpApp: "App", rowDown: "Next row", rowUp: "Previous row", filterList: "Filter the list", switchTheme: "Switch between light and dark",

  // Playlists
  tagsMenu: "Tags…", dontPlay: "Don’t play this", mayPlay: "Let it be played again", hated: "You do not want to hear this", hatedNow: (name: string) => `“${name}” is left out of mixes from now on.`, hatedNoMore: (name: string) => `“${name}” may be played again.`,
  newPlaylist: "New playlist", bringHistory: "Bring a history along", historyWhy: "What you have played, the latest first, on any of your players. Nobody else sees it.", noHistory: "Nothing played yet", noHistoryWhy: "A track is here once you have heard half of it, or four minutes.", noPlaylists: "No playlists yet", noPlaylistsWhy: "A playlist keeps what you choose in your order. Start one here, or from the menu of any track.",
  emptyPlaylist: "Nothing in it yet", emptyPlaylistWhy: "Open the menu of a track or an album and choose “Add to a playlist”.", makePublic: "Show it to everybody", makePrivate: "Keep it to myself", everybodys: "everybody sees it", deletePlaylist: "Delete the playlist", deletePlaylistWhy: (name: string) => `“${name}” goes for good. The tracks stay.`, removeFromPlaylist: "Remove from the playlist", gone: "A track that is gone",

  // Folders, libraries, files
  noFolders: "No folders yet", noFoldersWhy: "Once a library is added, its folders can be walked here.", emptyFolder: "This folder is empty", emptyFolderWhy: "There is no music in it, and no folder below it.",
  addLibrary: "Add a library", librariesWhy: "A library is a folder on the server. Its files are read where they are and never changed; new ones appear by themselves.", noLibraries: "There is no library yet. Add the folder your music is in.",
  folderOnServer: "Folder on the server", folderExample: "/srv/music", folderHint: "The full path, as the server sees it.", libraryAdded: (name: string) => `${name} was added and is being read.`,
  removeLibrary: "Remove the library", removeLibraryWhy: (name: string) => `“${name}” leaves Segue. The files on disk stay as they are.`,
  scan: "Scan", scanNow: "Look for new music", scanAll: "Read every file again", scanStarted: "Looking for new music.", scanFailed: "The scan did not start.", scanningNow: "Reading your music", neverScanned: "never scanned", scanStopped: "The last scan stopped itself: far more files were missing than usual. If they are really gone, accept that; if a disk is not mounted, mount it and scan again.", acceptMissing: "They are really gone", showProblems: "Files with problems",
  scanned: (when: string) => `scanned ${when}`,
  scanningOf: (done: string, total: string) => `Scanning ${done} of ${total}`,
  filesPerSecond: (n: number) => many(Math.round(n), { one: "# file a second", other: "# files a second" }),
  left: (time: string) => `${time} left`,
  filesWhy: "A file that cannot be read is kept and listed with its reason. Nothing is deleted because it is damaged or missing.", withProblems: "With problems", allFiles: "All files",
  noProblems: "Every file can be read", noProblemsWhy: "A damaged or unreadable file would be listed here, with the reason.", noMissing: "Nothing is missing", noMissingWhy: "Files that vanish from disk are listed here until they come back.", noFiles: "No files yet", missingSince: (when: string) => `Missing, gone ${when}`,
  // The server says these in English; other languages say them by code.
  problems: (): Record<string, (params: Record<string, unknown>) => string> => ({}),

  // Work
  jobsWhy: "What the server does in the background: what runs, how far it is, and why something failed.", running: "Running", queued: "Waiting", failedJobs: "Failed", doneJobs: "Done", cancelled: "Cancelled", noJobs: "Nothing to show", noJobsWhy: "Scans and other slow work appear here while they run, and for a while after.",
  jobStates: (): Record<string, string> => ({ running: "Running", queued: "Waiting", failed: "Failed", done: "Done", cancelled: "Cancelled" }),
  jobNames: (): Record<string, string> => ({ "library.edit": "Changing many things", "library.merge_artists": "Making one artist of two", "library.split_artist": "Parting an artist", "library.settle_artist": "Putting an artist's albums in order", "library.undo_edit": "Taking a change back", "listening.count_plays": "Adding up plays", "listening.match_plays": "Finding what was heard", "listening.tell_search": "Telling the search what is played", "playlists.import_apply": "Bringing playlists in", "playlists.import_read": "Reading playlist files", "playlists.imports_housekeeping": "Old playlist imports", "playlists.library_files": "Playlist files among the music", "playlists.match_rows": "Finding the tracks of playlists", "playlists.write_back": "Writing playlist files", "scrobbling.import_loves": "Bringing loves in", "scrobbling.loves_round": "Loves of other services", "scrobbling.send": "Telling other services what was played", "scrobbling.sweep": "What other services have not heard yet", scan: "Scan of the library", "library.scan": "Scan of the library", "library.watch": "New files", "library.exact_hash": "Exact fingerprints of files", exact_hash: "Exact fingerprints of files", housekeeping: "Daily housekeeping", "accounts.housekeeping": "Old sign-ins", "listening.import_read": "Reading a history", "listening.import_bring": "Bringing a history in", "listening.import_undo": "Taking a history back", "listening.import_housekeeping": "Old uploads of histories", "listening.housekeeping": "Old plays and queues", "library.scan_all": "Scan of every library", "library.remove": "Removing a library", upkeep: "Upkeep of the database", backup: "Backup", demo: "Demo music", sessions: "Old sessions", cache: "Cache", retention: "History of work", "library.find_duplicates": "Looking for duplicates", "library.artwork_round": "Pictures of everything", "library.preview": "What a scan would do", "library.purge": "Forgetting what is missing", "library.regroup": "Albums grouped again", "library.reinterpret": "Tags by new rules", "library.scan_scheduled": "Scan by the clock", "library.index": "Search index", "library.sort": "Order of names", "library.undo_scan": "Undoing a scan", "library.write_tags": "Writing tags into files", "library.inbox_look": "Looking into the inbox", "library.inbox_watch": "Looking into the inbox", "library.inbox_move": "Moving albums in" }),
  workPhases: (): Record<string, string> => ({ walk: "Looking through the folders", read: "Reading", compare: "Comparing", edit: "Applying edits", group: "Putting albums together", regroup: "Putting albums together anew", reinterpret: "Reading the tags by the new rules", hash: "Taking exact fingerprints", index: "Indexing for search", mark: "Marking what is missing", merge: "Merging", split: "Parting", move: "Moving", purge: "Purging", remove: "Removing", sort: "Sorting anew", undo: "Taking back", write: "Writing", match: "Matching", import: "Importing", count: "Counting", marks: "Stars, ratings and counts", playlists: "Playlists", send: "Sending", fetch: "Fetching" }),
  workUnit: (unit: string, n: number) => {
    const forms: Record<string, Forms> = { files: { one: "# file", other: "# files" }, albums: { one: "# album", other: "# albums" }, tracks: { one: "# track", other: "# tracks" }, credits: { one: "# credit", other: "# credits" }, pages: { one: "# step", other: "# steps" }, rows: { one: "# row", other: "# rows" }, changes: { one: "# change", other: "# changes" }, things: { one: "# thing", other: "# things" }, folders: { one: "# folder", other: "# folders" }, plays: { one: "# play", other: "# plays" }, listens: { one: "# listen", other: "# listens" }, playlists: { one: "# playlist", other: "# playlists" }, bytes: { one: "# byte", other: "# bytes" } };
    return many(n, forms[unit] ?? { other: `# ${unit}` });
  },
  jobsRunning: (n: number) => many(n, { one: "# thing running", other: "# things running" }),
  cancelling: "Stopping at the next safe point.", tryingAgain: "Trying again.", kind: "Kind", created: "Asked for", parameters: "Parameters", result: "Result", errorCode: "Error code", where: "Where", schedules: "Schedules", noSchedules: "Nothing is scheduled.", runNow: "Run now", asked: "It was asked for.", stopping: "stopping", cron: "Cron line", cronHint: "Five fields in the server's time zone: minute, hour, day, month, weekday.",
  ended: (when: string) => `ended ${when}`, started: (when: string) => `started ${when}`, willRun: (when: string) => `runs ${when}`, waitingSince: (when: string) => `asked for ${when}`, lastRun: (when: string) => `last ${when}`,
  attempt: (n: number, of: number) => `attempt ${n} of ${of}`, doneOf: (done: string, total: string) => `${done} of ${total}`, perSecond: (rate: string) => `${rate}/s`, enabledNamed: (name: string) => `Run ${name}`,

  // Settings and people
  settingsWhy: "Each setting says where its value comes from. The environment and the configuration file win over what is set here.", general: "General", backToDefault: "Back to the default", needsRestart: "takes effect after a restart", savedRestart: "Saved. It takes effect after a restart.", notANumber: "That is not a number.",
  defaultIs: (value: string) => `default: ${value}`,
  layers: (): Record<string, string> => ({ default: "Default", database: "Set here", table: "Set here", settings: "Set here", file: "Configuration file", yaml: "Configuration file", environment: "Environment", env: "Environment", flag: "Command line", flags: "Command line", secret: "Secrets file", secrets: "Secrets file" }),
  addUser: "Add a person", userAdded: (name: string) => `${name} can sign in now.`, emailOptional: "E-mail (optional)", isAdmin: "May change the server", makeAdmin: "Let change the server", makeListener: "Take server rights away", deleteUser: "Delete the account", deleteUserWhy: (name: string) => `The account of ${name} goes for good, with its app passwords.`, newPassword: "New password",
  userRoles: (): Record<string, string> => ({ admin: "Runs the server", editor: "Edits", user: "Listens", listener: "Listens" }),

  // Account
  look: "Look", theme: "Theme", themeSystem: "Like the system", themeLight: "Light", themeDark: "Dark", highContrast: "High contrast", language: "Language", likeBrowser: "Like the browser",
  appPasswords: "App passwords", appPasswordsWhy: "Subsonic apps sign in with words of their own, so that your login password stays between you and this page. Give each app its own, and revoke it when the phone is lost.",
  appName: "Which app is it for?", appNameExample: "Symfonium on my phone", ownWords: "I want to choose the words", newAppPassword: "Make an app password", appPasswordMade: (name: string) => `${name} can sign in with these words.`, iHaveIt: "I have written it down",
  revoke: "Revoke", revokeWhy: (name: string) => `${name} can no longer sign in.`, revoked: (name: string) => `${name} was revoked.`, madeOn: (day: string) => `made ${day}`, lastUsed: (when: string) => `last used ${when}`, neverUsed: "never used",
  signedInAt: "Where you are signed in", thisOne: "this browser", signOutThere: "Sign out there", browser: "Browser", app: "App", passwordForEmail: "Your password, to change the e-mail address",
  profile: "Profile", displayName: "Shown name", timeZone: "Time zone", timeZoneWhy: "For “today”, streaks and quiet hours.", changePassword: "Change the password", currentPassword: "Current password", passwordChanged: "The password was changed.",

  // Duplicates and the tree of genres
  duplicates: "Duplicates", duplicatesWhy: "Tracks that are the same recording. Nothing is merged by itself, and no file is ever touched: merging hides the other copy and gives its plays, stars and places in playlists to the one you keep.",
  duplicateKinds: (): Record<"copy" | "appearance" | "perhaps", string> => ({ copy: "Copies", appearance: "On several albums", perhaps: "Perhaps the same" }),
  lookNow: "Look now", lookingForDuplicates: "Looking for duplicates…", noDuplicates: "Nothing twice", noDuplicatesWhy: "Segue looks every night among what changed. You can also look now.",
  notTheSame: "Not the same", dismissed: "They are taken for two from now on.", betterCopy: "better", keepThis: "Keep this", merge: "Merge", merged: "Merged. It can be parted again from the track's details.", mergeTracks: "Make them one track?",
  mergeTracksWhy: (path: string, n: number) => many(n, { one: `“${path}” stays; the other is hidden behind it, and its file stays where it is.`, other: `“${path}” stays; # others are hidden behind it, and their files stay where they are.` }),
  treeView: "As a tree", namesView: "As names", narrower: "Narrower genres", narrowerCount: (n: number) => many(n, { one: "# narrower", other: "# narrower" }), putBelow: "Put below another genre…", putBelowNamed: (name: string) => `Put ${name} below`, makeRoot: "Make it a root",

  // Editing
  edit: "Edit…", editAlbum: "Edit the album…", editItsTracks: "Edit its tracks…", editArtist: "Edit…", editNamed: (name: string) => `Edit “${name}”`, editMany: (name: string, n: number) => many(n, { one: `Edit # of “${name}”`, other: `Edit # of “${name}”` }),
  editWhy: "What you enter here lives in Segue and wins over the file, at every later scan. The file itself is not touched unless its library says so.", editManyWhy: "Choose what to change. Everything else of each stays as it is, and the whole change can be taken back.",
  edited: "edited", editedByYou: "A person said this; the file says otherwise.", backToFile: "Back to what the file says", backToFileNamed: (name: string) => `${name}: back to what the file says`, fileSays: (value: string) => `File: ${value}`,
  oneEachLine: "One on each line", idsHint: "One on each line: spotify:4uLU6h…", labelsHint: "One on each line: Name | catalogue number", discsHint: "One on each line: 1: Studio", dateHint: "1977, 1977-05 or 1977-05-08", unknown: "Unknown", yes: "Yes", no: "No",
  savedEdit: "Saved.", savedMany: (n: number) => many(n, { one: "# changed.", other: "# changed." }), editRuns: (n: number) => many(n, { one: "# is being changed.", other: "# are being changed, in the background." }), undo: "Undo", undone: "Taken back.", changed: "changed", changedFields: (n: number) => many(n, { one: "# field changed", other: "# fields changed" }),
  howNamed: (name: string) => `What to do with ${name}`, replace: "Replace", add: "Add", leaveAlone: "Leave alone", whatToChange: "What to change", showChanges: "Show what would change", wouldChange: (n: number) => many(n, { one: "This changes # of them", other: "This changes # of them" }), changeThem: (n: string) => `Change ${n}`, editIsJob: "That many are changed in the background; you can go on meanwhile.",
  editGroups: (): Record<"basics" | "people" | "dates" | "sound" | "outside", string> => ({ basics: "Basics", people: "People", dates: "Dates and release", sound: "Sound and words", outside: "Outside ids" }),
  editFields: (): Record<string, string> => ({ title: "Title", subtitle: "Subtitle", artists: "Artists", genres: "Genres", disc: "Disc", position: "Number", disc_subtitle: "Name of the disc", disc_subtitles: "Names of discs", sort_title: "Sorted as", date: "Date", original_date: "First released", release_date: "This edition", recording_date: "Recorded", bpm: "BPM", key: "Key", language: "Language", work: "Work", movement: "Movement", movement_number: "Number of the movement", moods: "Moods", grouping: "Grouping", explicit: "Explicit", compilation: "Compilation", comment: "Comment", isrcs: "ISRC", musicbrainz_recording_id: "MusicBrainz recording", musicbrainz_track_id: "MusicBrainz track", musicbrainz_release_id: "MusicBrainz release", musicbrainz_release_group_id: "MusicBrainz release group", musicbrainz_id: "MusicBrainz id", external_ids: "Ids elsewhere", release_types: "Types", release_status: "Status", labels: "Labels", barcode: "Barcode", country: "Country", media: "Medium", name: "Name", sort_name: "Sorted as", disambiguation: "Not to be confused with", type: "Kind", begin_date: "Born or founded", end_date: "Died or ended", aliases: "Other names", biography: "Biography", album: "Album", credits: "Credits", artist_display: "Artists, as credited", album_artists: "Album artists", album_artist_display: "Album artists, as credited", sort_album: "Album sorted as", groupings: "Groupings", catalog_numbers: "Catalogue numbers", disc_total: "Discs in all", track_total: "Tracks in all", movement_total: "Movements in all", position_text: "Number as written", script: "Script", copyright: "Copyright", replay_gain: "Loudness", lyrics: "Lyrics", musicbrainz_work_ids: "MusicBrainz works", musicbrainz_disc_id: "MusicBrainz disc", own_fields: "Fields of your own", artwork: "Picture", parent: "Wider genre" }),
  editAll: "Edit all…", mergeInto: "Same as another…", mergeIntoNamed: (name: string) => `Who else is ${name}?`, mergeArtistWhy: (name: string) => `Everything of theirs goes to ${name}: albums, stars, ratings; their name becomes another name of ${name}. This cannot be undone; albums can only be parted from ${name} again, by “These are two…”.`, mergedArtists: "They are one now.",
  splitArtist: "These are two…", splitNamed: (name: string) => `Two called ${name}`, splitWhy: "Choose the albums that belong to the other one. They stay with that one at every later scan.", partThem: "Part them", disambiguationExample: "Norwegian jazz trio",
  chosen: (n: number) => many(n, { one: "# chosen", other: "# chosen" }), chosenTracks: "chosen tracks", choose: "Choose", clearChoice: "Choose none",
  // Pictures, reasons, lyrics
  picture: "Picture…", pictureOf: (name: string) => `Pictures of “${name}”`, pictureSource: (): Record<string, string> => ({ embedded: "In the file", folder: "In the folder", album: "Of the album", upload: "Uploaded" }), chooseNamed: (name: string) => `Choose ${name}`, shownNow: "shown", noPictures: "No picture anywhere. Upload one, or put a cover.jpg beside the music.", uploadPicture: "Upload a picture", letRulesChoose: "Let the rules choose", dropPicture: "or drop one here",
  whyOne: (name: string) => `Why “${name}” is one album`, whyOneShort: "Why one album?", filesDisagree: "Its files disagree", decideOtherwise: "Decide otherwise", decideWhy: "Your decision holds at every later scan, for files that come later too. No file is touched, and it can be taken back under Libraries.", mergeAlbum: "Make one with another album…", mergeAlbumInto: (name: string) => `One album with “${name}”`,
  splitBy: (how: string) => `Split ${how}`, byDisc: "by disc", byFolder: "by folder", byAlbumArtist: "by album artist", byRelease: "by release id", splitChosen: (n: number) => (n ? `Move ${n} chosen into an album of their own` : "Choose tracks to part them"),
  inspect: "What the file says", inspectNamed: (name: string) => `What “${name}” says`, whatBecame: "What became of it", rawTags: "Tags in the file", identity: "Known again by", noTags: "The file has no tags.", tagsTruncated: "There are more tags than are kept; when rules change, the file is read again.", audioKey: "Key of its audio", exactHash: "Exact hash", notYet: "not taken yet",
  lyrics: "Lyrics", showLyrics: "Show or hide the lyrics", noLyrics: "No lyrics known. Put a .lrc, .ttml, .srt or .txt of the same name beside the file.", followLyrics: "Follow the music", lyricKinds: (): Record<string, string> => ({ translation: "translated", pronunciation: "pronounced" }), lyricSources: (): Record<string, string> => ({ person: "yours" }),
  chapters: "Chapters", chapter: (n: number) => `Chapter ${n}`, part: "Part", parted: "They are two again.",
  // One library
  missingCount: (n: number) => many(n, { one: "# missing", other: "# missing" }), previewScan: "What would a scan do?", resume: "Go on", goesOn: "It goes on.", pausedNow: "Paused. It goes on from there.", scanPaused: "The scan is paused", scanCancelled: "Cancelled.", letItGoOn: "Let it go on", lastScan: "Last scan", nextScan: "Next scan", watching: "Watching", filesRead: (n: number) => many(n, { one: "# file read", other: "# files read" }),
  scansDid: "What scans did", noJournals: "No scan has changed anything yet.", nothingChanged: "nothing changed", fullScan: "every file read", undoScan: "Undo this scan", undoScanWhy: "Everything is as it was before that scan: albums, titles, what was missing. What it found is marked missing until it is scanned again. What people did stays. Segue then does not scan this library by itself until you say so.", undoingScan: "The scan is being undone…",
  journalCount: (kind: string, n: number) => {
    const forms: Record<string, Forms> = { added: { one: "# new file", other: "# new files" }, changed: { one: "# file changed", other: "# files changed" }, moved: { one: "# file moved", other: "# files moved" }, came_back: { one: "# file back again", other: "# files back again" }, missing: { one: "# file missing", other: "# files missing" }, albums_added: { one: "# new album", other: "# new albums" }, split: { one: "# album split", other: "# albums split" }, merged: { one: "# album merged", other: "# albums merged" } };
    return many(n, forms[kind] ?? { other: `# ${kind.replaceAll("_", " ")}` });
  },
  decisions: "Decisions about albums", noDecisions: "None. An album's menu has “Why one album?”, where you can decide otherwise.", decideFolder: "Decide about a folder…", decideFolderWhy: "Everything in this folder and below it becomes one album, whatever the tags say.", folderInLibrary: "Folder, as below the library's own", oneAlbum: "Make it one album",
  purge: "Forget what is missing", purgeHint: "Missing files stay marked and come back whole. Only if they are gone for good: their tracks are forgotten; plays and playlists keep their words.", purgeWhy: (n: number, name: string) => many(n, { one: `# missing file of “${name}” and its track are forgotten for good. Plays and playlists keep their words.`, other: `# missing files of “${name}” and their tracks are forgotten for good. Plays and playlists keep their words.` }), purging: "It is being forgotten…",
  itsChoices: "Its own choices", optWatch: "Watch its folders", optWatchWhy: "Changes appear by themselves.", optWrite: "Write edits into its files", optWriteWhy: "Off, files are never touched. On, an edit is written into a copy that is checked and then takes the file's place; it can be undone.",
  optGuard: "Stop when this much is gone", optGuardWhy: "More than this share missing at once is taken for a fault of the disk.", optSchedule: "Scan at (cron)", optScheduleWhy: "Empty: with all others. never: not by the clock.", optFull: "Read everything at (cron)", optFullWhy: "Empty: never by the clock.", optArtwork: "Order of covers", optRules: "Order of grouping rules", optOrderWhy: "One on each line; empty: the server's order.",
  inbox: "Inbox", inboxWhy: "A folder whose new albums are checked, shown to you, and moved in once you approve.", inboxMode: "Approved files are", move: "Moved", inboxTemplate: "Where they go", inboxAuto: "Approve by itself what nothing is doubtful about",
  previewTitle: "What a scan would do", previewWhy: "Nothing has happened yet. This is what a scan would find and change now.", previewRuns: "Looking…", previewFailed: "The preview did not finish.", scanForReal: "Scan now", nothingWouldChange: "Nothing would change", nothingWouldChangeWhy: (n: number) => many(n, { one: "# file was looked at.", other: "# files were looked at." }), cameFrom: (path: string) => `from ${path}`,
  previewKinds: (): Record<string, string> => ({ new: "New files", changed: "Changed files", moved: "Moved", format_changed: "Another format", came_back: "Back again", missing: "Would be missing", split: "Albums split", merged: "Albums merged", added: "New albums", album_changed: "Albums changed", lost: "Albums lost", ended: "Albums ended" }),
  // Inbox, rules for tags, the record of edits
  inboxPageWhy: "New albums wait here until you say yes. They are checked, you can complete them, and then they go to their place in the library. Nothing is ever replaced, and it can be undone.", noInbox: "No inbox", noInboxWhy: "An inbox is optional: choose a folder for one on a library's page. Without it, Segue reads your music where it is.", inboxEmpty: "Nothing waits", inboxEmptyWhy: "Put an album into the inbox's folder; it appears here within minutes.",
  inboxStates: (): Record<string, string> => ({ new: "New", checked: "Waits for you", approved: "Approved", moving: "On its way", returning: "On its way back", moved: "Moved in", rejected: "Rejected", undone: "Taken back", problem: "Problem" }), looking: "Looking…", allSound: "Nothing is doubtful.", approve: "Approve", approved: "Approved. It is on its way.", reject: "Reject", rejected: "Rejected. It stays where it is.", checkAgain: "Check again", nameTaken: "taken, gets another name",
  tagRules: "Rules for tags", tagRulesWhy: "Which tag means what, and how several names in one tag are taken apart. Your rules change those that come with Segue, and act at once on everything, without reading a file.", rulesBehind: (n: number) => many(n, { one: "# file is still by the rules before.", other: "# files are still by the rules before." }), rulesInFile: (path: string) => `Your rules are in the file ${path}; change them there.`, tryRules: "Try them", letThemHold: "Let them hold", dropRules: "Forget my rules", dropRulesWhy: "The rules that come with Segue hold alone again, and every track is made by them.", rulesRun: "Every track is being made again by the rules.", line: "Line",
  wouldChangeTracks: (n: number, of: string) => many(n, { one: `# of ${of} tracks would change`, other: `# of ${of} tracks would change` }), shippedRules: "The rules that come with Segue",
  edits: "Edits", editsWhy: "What was said here about the music, the latest first. All but a merge of artists can be taken back; what was edited again since stays.", inSegue: "In Segue", intoFiles: "Written into files", noEdits: "Nothing edited yet", noEditsWhy: "The menu of a track, an album or an artist has “Edit…”.", noWrites: "Nothing written into files", noWritesWhy: "Files are only written in libraries that say so, and only what was edited.", written: "Written", editActions: (): Record<string, string> => ({ edit: "Edited", bulk: "Edited many", split: "Parted an artist", merge: "Merged artists", undo: "Took back" }), writeStates: (): Record<string, string> => ({ planned: "to do", written: "written", undone: "taken back", failed: "left alone", refused: "left alone", unchanged: "unchanged" }),
  // Who may do and see what
  access: "Rights and groups…", accessOf: (name: string) => `What ${name} may do and see`, rights: "Rights", isEditor: "May edit the music", isEditorWhy: "Titles, artists, albums, pictures of the libraries they see.", isAdminWhy: "Sees every library and may change everything.", groups: "Groups", groupsWhy: "Who sees which libraries is a matter of groups, and of people to whom a library is opened alone (Rights and groups… of a person). Everybody is in the first group; a person sees what any of their groups sees.", addGroup: "Add a group", changeGroup: "Change the group", deleteGroup: "Delete the group", deleteGroupWhy: (name: string) => `The members of ${name} stay; what they saw only through it, they no longer see.`, everybodyGroup: "Everyone", everybodyIsIn: "Everybody is in it, those who come later too", members: "Members", memberCount: (n: number) => many(n, { one: "# member", other: "# members" }),
  allLibraries: "All libraries, those to come as well", seesAll: "sees all libraries", seesThese: (names: string) => `sees ${names}`, seesNone: "sees no library", seenLibraries: "Libraries they see", openedWhy: "A ticked library is open to this person alone, whatever their groups see.", openedToThem: "opened to them alone", notSeen: "not seen", throughGroup: (names: string) => `through ${names}`, whatWouldRulesDo: "What would these rules do?",
  audit: "Record", auditWhy: "Who changed what about people and access, and from where, the latest first.", noAudit: "Nothing recorded yet", nobody: "Somebody",
  auditActions: (): Record<string, string> => ({ "app_password.created": "made an app password", "app_password.revoked": "took back an app password", "group.changed": "changed the group", "group.created": "made the group", "group.deleted": "deleted the group", "session.ended": "signed out", "session.reused": "used an old sign-in again", "session.revoked": "ended a sign-in", "session.started": "signed in", "user.changed": "changed the account", "user.created": "made the account", "user.erased": "deleted the account", "user.password_changed": "set a new password" }),
  auditFields: (): Record<string, string> => ({ username: "name", display_name: "shown name", email: "e-mail", roles: "rights", groups: "groups", time_zone: "time zone", disabled: "locked", settings: "settings", name: "name", members: "members", libraries: "libraries", all_libraries: "all libraries", user: "of", sessions_ended: "sign-ins ended", admin: "runs the server", editor: "edits" }),
};

type Widened<T> = T extends (...given: infer A) => infer R ? (...given: A) => R extends string ? string : R : string;
export type Catalogue = { [K in keyof typeof en]: Widened<(typeof en)[K]> };
