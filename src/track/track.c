typedef int wf_track_room;  // until the room has its first source file
