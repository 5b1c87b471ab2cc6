"""What can be asked of files and folders."""

from __future__ import annotations

from segue.library.fields.alike import (
    id_field,
    library_field,
    missing_field,
)
from segue.library.tables import (
    FILES,
    FOLDERS,
)
from segue.query import Entity, Field, Type, declared, sorted_by

_f = FILES.c

FILE = Entity(
    "files",
    FILES,
    _f.id,
    declared(
        id_field("fi", FILES),
        Field(
            "path",
            Type.TEXT,
            "Its path inside the library.",
            _f.display_path,
            nullable=False,
            aliases=("search",),
            sort=sorted_by(_f.library_id, _f.path, index="uq_files_library_id_path"),
        ),
        library_field(FILES),
        Field("folder", Type.ID, "The folder it lies in.", _f.folder_id, nullable=False, prefix="fo"),
        Field("format", Type.TEXT, "Its container: flac, mp3, ogg …", _f.format, fold=str.lower),
        Field("codec", Type.TEXT, "How its sound is coded: flac, opus, aac …", _f.codec, fold=str.lower),
        Field("size", Type.INTEGER, "Its bytes.", _f.size_bytes, nullable=False, sort=sorted_by(_f.size_bytes)),
        Field("problem", Type.BOOLEAN, "Something is wrong with it.", _f.problem_code.is_not(None), nullable=False),
        Field("problem_code", Type.TEXT, "What is wrong with it, as a code.", _f.problem_code),
        Field(
            "added",
            Type.DATE,
            "When it was first seen.",
            _f.added_at,
            nullable=False,
            sort=sorted_by(_f.added_at),
        ),
        missing_field(FILES, "It is gone."),
    ),
    "path",
    lambda libraries: _f.library_id.in_(libraries),
)

_d = FOLDERS.c

FOLDER = Entity(
    "folders",
    FOLDERS,
    _d.id,
    declared(
        id_field("fo", FOLDERS),
        Field(
            "name",
            Type.TEXT,
            "Its name.",
            _d.name,
            nullable=False,
            aliases=("title",),
            sort=sorted_by(_d.sort_key),
        ),
        library_field(FOLDERS),
        Field("parent", Type.ID, "The folder it lies in; the root of a library has none.", _d.parent_id, prefix="fo"),
        Field("problem", Type.BOOLEAN, "It could not be read.", _d.problem_code.is_not(None), nullable=False),
        missing_field(FOLDERS, "It is gone."),
    ),
    "name",
    lambda libraries: _d.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
)
