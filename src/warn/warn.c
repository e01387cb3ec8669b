typedef int wf_warn_room;  // until the room has its first source file
