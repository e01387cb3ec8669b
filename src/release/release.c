typedef int wf_release_room;  // until the room has its first source file
